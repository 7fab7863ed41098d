//! The application ends a session: a tombstone that nothing revives, and the server is told.

use super::key::SessionKey;
use super::place::{Place, Unsaved, unexpected};
use super::record::SessionRecord;
use crate::error::{Error, Unsupported};
use crate::event::EndReason;
use crate::flow::Io;
use crate::login::LoginApp;
use crate::store::{RecordOperation, StoreReply};
use crate::token_endpoint::revoke;

/// Whether the server was told that a session is over.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Revocation {
    /// The server revoked the refresh token (RFC 7009).
    Done,
    /// There was nothing to revoke: no session, or none with a refresh token.
    NothingToRevoke,
    /// The provider offers no revocation: the refresh token is forgotten here, and stays good there until it expires.
    NotOffered,
    /// The server could not be told: as `NotOffered`.
    Failed(Error),
}

/// Ends a session. It is over here as soon as the store has the tombstone, whatever the server says to the revocation.
///
/// `unsaved`: what this process knows of the session and the store does not.
/// A record that cannot be read is left as it is: with the right key it may be a good one.
pub(crate) async fn end(
    io: &Io,
    app: &LoginApp,
    key: &SessionKey,
    unsaved: Option<&Unsaved>,
) -> Result<Revocation, Error> {
    let place = Place::new(io, key);
    if let StoreReply::Loaded(record) = place.ask(RecordOperation::Load).await? {
        place.read(&record)?;
    }
    let stored = match place.ask(RecordOperation::Close).await? {
        StoreReply::Closed(record) => place.read(&record)?,
        StoreReply::Ended { .. } | StoreReply::Missing => return Ok(Revocation::NothingToRevoke),
        other => return Err(unexpected(other)),
    };
    place.tell_ended(EndReason::EndedByApplication);
    let session = unsaved.map_or(&stored, |unsaved| &unsaved.session);
    Ok(place.revoke(app, session).await)
}

impl Place<'_> {
    /// Tells the server that nobody will use this session's refresh token again.
    pub(super) async fn revoke(&self, app: &LoginApp, session: &SessionRecord) -> Revocation {
        let Some(token) = &session.refresh_token else {
            return Revocation::NothingToRevoke;
        };
        match revoke(self.io, app.registration(), token).await {
            Ok(()) => Revocation::Done,
            Err(Error::Unsupported(Unsupported::EndpointMissing { .. })) => Revocation::NotOffered,
            Err(error) => Revocation::Failed(error),
        }
    }
}
