//! Whose session it is.

use super::key::SessionKey;
use super::place::{Place, unexpected};
use crate::error::Error;
use crate::flow::Io;
use crate::id_token::{IdTokenClaims, parse};
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
