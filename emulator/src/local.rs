//! Who may use what is for this machine only: the test controls and the portal.

use std::net::SocketAddr;

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName};

use crate::app_state::AppState;

/// Whether a program on this machine asks, by a loopback address, and no page of another site is behind it: neither one
/// whose name was made to point at loopback (the `Host` header field), nor any other (`Origin`).
pub(crate) fn is_from_here(app: &AppState, peer: SocketAddr, headers: &HeaderMap) -> bool {
    let own = own_authorities(app.address.port());
    let host_is_own = header(headers, &HOST).is_some_and(|host| own.iter().any(|name| name == host));
    let origin_is_own = !headers.contains_key(ORIGIN)
        || header(headers, &ORIGIN)
            .and_then(|origin| origin.strip_prefix("http://"))
            .is_some_and(|authority| own.iter().any(|name| name == authority));
    peer.ip().to_canonical().is_loopback() && host_is_own && origin_is_own
}

/// Whether the browser says that a page of this very origin sent the request: by `Origin`, or by `Sec-Fetch-Site` (Fetch
/// Metadata Request Headers) where there is no `Origin`.
pub(crate) fn is_sent_by_own_page(headers: &HeaderMap) -> bool {
    match (header(headers, &ORIGIN), header(headers, &HOST)) {
        (Some(origin), Some(host)) => origin.strip_prefix("http://") == Some(host),
        _ => header(headers, &HeaderName::from_static("sec-fetch-site")) == Some("same-origin"),
    }
}

fn own_authorities(port: u16) -> [String; 3] {
    ["127.0.0.1", "localhost", "[::1]"].map(|host| format!("{host}:{port}"))
}

fn header<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
