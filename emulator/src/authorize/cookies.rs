//! The two cookies: one that marks the browser, one that holds the single sign-on session.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use crate::app_state::AppState;

/// What the browser sent.
pub(crate) struct Cookies {
    /// The mark that transactions are bound to.
    pub(crate) browser: Option<String>,
    /// The key of a single sign-on session.
    pub(crate) session: Option<String>,
}

#[derive(Clone, Copy)]
pub(crate) enum Cookie {
    Browser,
    Session,
}

impl Cookie {
    /// A browser shares cookies between all ports of a host, so the name holds the port.
    fn name(self, app: &AppState) -> String {
        let what = match self {
            Self::Browser => "browser",
            Self::Session => "session",
        };
        format!("grantline_{what}_{}", app.address.port())
    }

    /// `response` with this cookie set until the browser ends.
    pub(crate) fn set(self, app: &AppState, value: &str, mut response: Response) -> Response {
        let cookie = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax", self.name(app));
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }

    /// `response` with this cookie taken away.
    pub(crate) fn forget(self, app: &AppState, response: Response) -> Response {
        self.set(app, "; Max-Age=0", response)
    }
}

impl Cookies {
    pub(crate) fn of(app: &AppState, headers: &HeaderMap) -> Self {
        let sent = |cookie: Cookie| value(headers, &cookie.name(app));
        Self { browser: sent(Cookie::Browser), session: sent(Cookie::Session) }
    }
}

fn value(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|field| field.to_str().ok())
        .flat_map(|field| field.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value.to_owned())
}
