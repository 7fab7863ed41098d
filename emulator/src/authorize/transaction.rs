//! An authorization request whose user is on the login or the consent page.

use axum::response::Response;
use url::form_urlencoded;

use super::cookies::{Cookie, Cookies};
use super::error_page;
use super::request::AuthorizationRequest;
use super::response::redirect;
use crate::clock::after;
use crate::random;
use crate::refusal::Refusal;
use crate::state::Session;
use crate::visit::Visit;

/// How long a user may take, in seconds.
const LIFETIME_S: u64 = 1800;

/// The name of the check.
const CHECK: &str = "transaction";

#[derive(Clone)]
pub(crate) struct Transaction {
    /// The browser mark it is bound to, against forged forms.
    browser: String,
    pub(super) request: AuthorizationRequest,
    /// Who logged in, once somebody has.
    pub(super) session: Option<Session>,
}

impl Transaction {
    pub(crate) fn is_of_client(&self, client_id: &str) -> bool {
        self.request.target.client_id == client_id
    }

    pub(crate) fn is_of_user(&self, sub: &str) -> bool {
        self.session.as_ref().is_some_and(|session| session.sub == sub)
    }
}

/// Opens a transaction and sends the browser to `page`.
pub(super) fn open(
    visit: &Visit,
    cookies: &Cookies,
    page: &str,
    request: AuthorizationRequest,
    session: Option<Session>,
) -> Response {
    let id = random::identifier();
    let known = cookies.browser.clone();
    let browser = known.clone().unwrap_or_else(random::identifier);
    let transaction = Transaction { browser: browser.clone(), request, session };
    let now = visit.clock.now();
    visit.state().transactions.insert(id.clone(), transaction, after(now, LIFETIME_S), now);
    let response = redirect(visit, &location(page, &id));
    match known {
        Some(_) => response,
        None => Cookie::Browser.set(visit, &browser, response),
    }
}

pub(super) fn location(page: &str, id: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("transaction", id).finish();
    format!("{page}?{query}")
}

/// Looks at the transaction `id` of this browser with the table locked; a page that explains, if there is none.
pub(super) fn with<T>(
    visit: &Visit,
    cookies: &Cookies,
    id: Option<&str>,
    look: impl FnOnce(&mut Transaction) -> T,
) -> Result<T, Box<Response>> {
    let now = visit.clock.now();
    let mut state = visit.state();
    let transaction = id.and_then(|id| state.transactions.get_mut(id, now));
    if let Some(transaction) = transaction
        && cookies.browser.as_ref() == Some(&transaction.browser)
    {
        visit.passed(CHECK, "of this browser");
        return Ok(look(transaction));
    }
    drop(state);
    Err(Box::new(gone(visit)))
}

/// Ends the transaction `id` of this browser and hands it over.
pub(super) fn take(visit: &Visit, cookies: &Cookies, id: Option<&str>) -> Result<Transaction, Box<Response>> {
    with(visit, cookies, id, |_| ())?;
    let taken = id.and_then(|id| visit.state().transactions.remove(id));
    taken.ok_or_else(|| Box::new(gone(visit)))
}

fn gone(visit: &Visit) -> Response {
    let reason = "this login was finished, took longer than 30 minutes, or began in another browser: \
                  go back to the application and start again";
    error_page::render(visit, &Refusal::invalid_request(CHECK, reason))
}
