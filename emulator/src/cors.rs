//! Cross-origin requests of single-page applications (the Fetch standard, section "HTTP CORS protocol").

use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::access;
use crate::config::Config;
use crate::discovery::{JWKS_PATH, METADATA_PATHS};
use crate::suggestion;
use crate::visit::Visit;

/// The check of the page that a request comes from.
const CHECK: &str = "origin";

/// What is made of the page that a request comes from.
pub(crate) struct Cors {
    is_open: bool,
    is_preflight: bool,
    origin: Option<Origin>,
}

struct Origin {
    value: HeaderValue,
    is_registered: bool,
    /// What is registered, or, where a browser keeps the answer from the page, why.
    finding: Result<String, String>,
}

impl Cors {
    /// Looks at the request on its arrival. Where no page is meant to call, nothing is found and nothing is said.
    pub(crate) fn judge(config: &Config, parts: &Parts) -> Self {
        let is_open = is_open(parts.uri.path());
        let value = parts.headers.get(ORIGIN).filter(|_| is_open);
        Self {
            is_open,
            is_preflight: value.is_some()
                && parts.method == Method::OPTIONS
                && parts.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD),
            origin: value.map(|value| Origin::judge(config, value, &parts.headers)),
        }
    }

    pub(crate) fn is_preflight(&self) -> bool {
        self.is_preflight
    }

    /// The answer to a preflight; to others it is the endpoint's.
    pub(crate) fn preflight_answer(&self) -> Option<Response> {
        let origin = self.origin.as_ref().filter(|_| self.is_preflight)?;
        Some(if origin.is_registered { allowed() } else { StatusCode::FORBIDDEN.into_response() })
    }

    /// Writes down what was found. After the endpoint has judged: its refusal is what an application has to mend first.
    pub(crate) fn note(&self, visit: &Visit) {
        match self.origin.as_ref().map(|origin| &origin.finding) {
            Some(Ok(words)) => visit.passed(CHECK, words),
            Some(Err(words)) => visit.failed(CHECK, words),
            None => {}
        }
    }

    /// Lets pages of registered origins read the answer. For others nothing is said.
    pub(crate) fn finish(self, response: &mut Response) {
        let fields = response.headers_mut();
        if self.is_open {
            fields.append(VARY, HeaderValue::from_static("origin"));
        }
        if let Some(origin) = self.origin.filter(|origin| origin.is_registered) {
            fields.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.value);
        }
    }
}

impl Origin {
    fn judge(config: &Config, value: &HeaderValue, headers: &HeaderMap) -> Self {
        let origin = String::from_utf8_lossy(value.as_bytes());
        let owners = owners(config, &origin);
        let is_registered = !owners.is_empty();
        let finding = if is_registered {
            Ok(format!("{origin} is among the allowed origins of {owners}"))
        } else if access::is_sent_by_own_page(headers) {
            Ok(format!("{origin} is the emulator itself"))
        } else {
            Err(unknown(config, &origin))
        };
        Self { value: value.clone(), is_registered, finding }
    }
}

fn unknown(config: &Config, origin: &str) -> String {
    let known = config.applications.iter().flat_map(|application| &application.allowed_origins);
    let near = suggestion::of(known.map(String::as_str), origin);
    let near = near.map(|near| format!("; {near} of {} is near", owners(config, near))).unwrap_or_default();
    format!(
        "{origin} is in no application's allowed origins, so a browser keeps the answer from its page{near}"
    )
}

/// The applications that an origin is registered for.
fn owners(config: &Config, origin: &str) -> String {
    let all = config.applications.iter();
    let owners = all.filter(|application| application.allowed_origins.iter().any(|known| known == origin));
    owners.map(|application| application.client_id.as_str()).collect::<Vec<_>>().join(", ")
}

fn is_open(path: &str) -> bool {
    METADATA_PATHS.contains(&path)
        || matches!(path, JWKS_PATH | "/connect/token" | "/connect/userinfo" | "/connect/revocation")
}

fn allowed() -> Response {
    let fields = [
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
        (ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, fields).into_response()
}
