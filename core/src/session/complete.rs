//! A completed login becomes a session.

use super::key::SessionKey;
use super::place::Place;
use super::record::SessionRecord;
use crate::error::Error;
use crate::flow::Io;
use crate::id_token::IdTokenClaims;
use crate::login::{CompletedLogin, LoginApp, ValidatedCallback, exchange_code};

/// Exchanges the code and saves the session before anybody sees its tokens. Tells who logged in, too.
pub(crate) async fn complete_login(
    io: &Io,
    app: &LoginApp,
    callback: ValidatedCallback,
) -> Result<(SessionKey, SessionRecord, Option<IdTokenClaims>), Error> {
    let exchanged = exchange_code(io, app.registration(), callback).await;
    // Its callback is used up, also where its code was not sent yet.
    let CompletedLogin { grant, identity, session, app_data } = exchanged.map_err(Error::after_the_code)?;
    let key = app.session_key(session);
    let mut session = SessionRecord::new(grant, app_data);
    let place = Place::new(io, &key);
    place.create(&mut session).await.map_err(Error::after_the_code)?;
    Ok((key, session, identity))
}
