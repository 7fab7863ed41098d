//! Cross-origin requests of single-page applications (the Fetch standard, section "HTTP CORS protocol").

use axum::extract::{Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::app_state::{AppState, Shared};
use crate::discovery::{JWKS_PATH, METADATA_PATHS};

/// Answers preflights, and lets pages of registered origins read the answers of the endpoints that they call. For others
/// nothing is said. A preflight is not journaled and meets no fault.
pub(crate) async fn cors(State(app): State<Shared>, request: Request, next: Next) -> Response {
    if !is_open(request.uri().path()) {
        return next.run(request).await;
    }
    let origin = request.headers().get(ORIGIN).filter(|origin| is_registered(&app, origin)).cloned();
    let preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match &origin {
        Some(_) if preflight => allowed(),
        _ => next.run(request).await,
    };
    let fields = response.headers_mut();
    fields.append(VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        fields.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    }
    response
}

fn is_open(path: &str) -> bool {
    METADATA_PATHS.contains(&path)
        || matches!(path, JWKS_PATH | "/connect/token" | "/connect/userinfo" | "/connect/revocation")
}

fn is_registered(app: &AppState, origin: &HeaderValue) -> bool {
    let config = app.config();
    let mut registered = config.applications.iter().flat_map(|application| &application.allowed_origins);
    registered.any(|known| known.as_bytes() == origin.as_bytes())
}

fn allowed() -> Response {
    let fields = [
        (ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type"),
        (ACCESS_CONTROL_MAX_AGE, "600"),
    ];
    (StatusCode::NO_CONTENT, fields).into_response()
}
