//! Whose session it is.

use super::key::SessionKey;
use super::place::{Place, unexpected};
use crate::error::Error;
use crate::flow::Io;
use crate::id_token::{IdTokenClaims, parse};
use crate::secret::RawIdToken;
use crate::store::{RecordOperation, StoreReply};

/// What the ID token of a session says, which was validated when it came. `None`: the login identified nobody.
pub(crate) async fn identity(io: &Io, key: &SessionKey) -> Result<Option<IdTokenClaims>, Error> {
    let place = Place::new(io, key);
    let token = match place.ask(RecordOperation::Load).await? {
        StoreReply::Loaded(record) => place.read(&record)?.id_token,
        other => return Err(unexpected(other)),
    };
    let Some(token) = token else { return Ok(None) };
    Ok(Some(IdTokenClaims::read(parse(token.expose_secret())?.claims)?))
}

/// The ID token itself, of a session that may have ended.
pub(crate) async fn id_token(io: &Io, key: &SessionKey) -> Result<Option<RawIdToken>, Error> {
    let place = Place::new(io, key);
    match place.ask(RecordOperation::Load).await? {
        StoreReply::Loaded(record) => Ok(place.read(&record)?.id_token),
        StoreReply::Ended { .. } | StoreReply::Missing => Ok(None),
        other => Err(unexpected(other)),
    }
}
