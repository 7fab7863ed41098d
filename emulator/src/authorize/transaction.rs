//! An authorization request whose user is on the login or the consent page.

use axum::http::StatusCode;
use axum::response::Response;
use url::form_urlencoded;

use super::cookies::{Cookie, Cookies};
use super::error_page::{self, Problem};
use super::request::AuthorizationRequest;
use super::response::redirect;
use crate::app_state::AppState;
use crate::clock::after;
use crate::random;
use crate::state::Session;

/// How long a user may take, in seconds.
const LIFETIME_S: u64 = 1800;

pub(crate) struct Transaction {
    /// The browser mark it is bound to, against forged forms.
    browser: String,
    pub(super) request: AuthorizationRequest,
    /// Who logged in, once somebody has.
    pub(super) session: Option<Session>,
}

/// Opens a transaction and sends the browser to `page`.
pub(super) fn open(
    app: &AppState,
    cookies: &Cookies,
    page: &str,
    request: AuthorizationRequest,
    session: Option<Session>,
) -> Response {
    let id = random::identifier();
    let known = cookies.browser.clone();
    let browser = known.clone().unwrap_or_else(random::identifier);
    let transaction = Transaction { browser: browser.clone(), request, session };
    let now = app.clock.now();
    app.state().transactions.insert(id.clone(), transaction, after(now, LIFETIME_S), now);
    let response = redirect(app, &location(page, &id));
    match known {
        Some(_) => response,
        None => Cookie::Browser.set(app, &browser, response),
    }
}

pub(super) fn location(page: &str, id: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("transaction", id).finish();
    format!("{page}?{query}")
}

/// Looks at the transaction `id` of this browser with the table locked; a page that explains, if there is none.
pub(super) fn with<T>(
    app: &AppState,
    cookies: &Cookies,
    id: Option<&str>,
    look: impl FnOnce(&mut Transaction) -> T,
) -> Result<T, Box<Response>> {
    let now = app.clock.now();
    let mut state = app.state();
    let transaction = id.and_then(|id| state.transactions.get_mut(id, now));
    if let Some(transaction) = transaction
        && cookies.browser.as_ref() == Some(&transaction.browser)
    {
        return Ok(look(transaction));
    }
    drop(state);
    Err(Box::new(gone(app)))
}

/// Ends the transaction `id` of this browser and hands it over.
pub(super) fn take(
    app: &AppState,
    cookies: &Cookies,
    id: Option<&str>,
) -> Result<Transaction, Box<Response>> {
    with(app, cookies, id, |_| ())?;
    let taken = id.and_then(|id| app.state().transactions.remove(id));
    taken.ok_or_else(|| Box::new(gone(app)))
}

fn gone(app: &AppState) -> Response {
    let reason = "this login was finished, took longer than 30 minutes, or began in another browser: \
                  go back to the application and start again";
    error_page::render(app, StatusCode::BAD_REQUEST, &Problem::new("invalid_request", reason))
}
