//! The application ends a session: a tombstone that nothing revives, and the server is told.

use super::key::SessionKey;
use super::place::{Place, Unsaved, unexpected};
use super::record::SessionRecord;
use crate::error::{Error, Unsupported};
use crate::event::EndReason;
use crate::flow::Io;
use crate::login::LoginApp;
use crate::secret::RawIdToken;
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

/// A session that is over here.
#[derive(Clone, Debug, PartialEq)]
pub struct EndedSession {
    /// What the server said to it.
    pub revocation: Revocation,
    /// The ID token of its login, which may have expired: by it the provider knows which of its own sessions to end. `None`:
    /// the login identified nobody, or there was no session to end.
    pub id_token: Option<RawIdToken>,
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
) -> Result<EndedSession, Error> {
    let place = Place::new(io, key);
    let loaded = match place.ask(RecordOperation::Load).await? {
        StoreReply::Loaded(record) => Some(place.read(&record)?),
        _ => None,
    };
    let stored = match place.close().await? {
        StoreReply::Closed(record) => Some(place.read(&record)?),
        // Over since it was loaded, by the first of two tries or by another process: revoking it twice does no harm.
        StoreReply::Ended { .. } | StoreReply::Missing => loaded,
        other => return Err(unexpected(other)),
    };
    let Some(session) = unsaved.map(|unsaved| &unsaved.session).or(stored.as_ref()) else {
        return Ok(EndedSession { revocation: Revocation::NothingToRevoke, id_token: None });
    };
    place.tell_ended(EndReason::EndedByApplication);
    let revocation = place.revoke(app, session).await;
    Ok(EndedSession { revocation, id_token: session.id_token.clone() })
}

impl Place<'_> {
    /// A store whose reply was lost is asked once more: it may have closed the session, whose refresh token only this
    /// process still knows then.
    async fn close(&self) -> Result<StoreReply, Error> {
        match self.ask(RecordOperation::Close).await? {
            StoreReply::Failed(_) => self.ask(RecordOperation::Close).await,
            reply => Ok(reply),
        }
    }

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
