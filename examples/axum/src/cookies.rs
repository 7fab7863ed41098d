//! The cookie of the application's own session.
//!
//! It is another than the one that binds a browser to a login. That one has `SameSite=None`, since the callback is a POST
//! from the provider's site, and is worth nothing afterwards. This one is what a thief wants, and has `SameSite=Lax`: no
//! other site's POST arrives with it, such as a forged logout.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// A name with `__Host-` can be set by this very host alone, over TLS. Chromium and Firefox count `http://localhost`
/// as secure; Safari drops the cookie there.
const NAME: &str = "__Host-portal";

/// The `Set-Cookie` header that begins a session.
pub(crate) fn set(value: &str) -> String {
    format!("{NAME}={value}; Path=/; Secure; HttpOnly; SameSite=Lax")
}

/// The `Set-Cookie` header that ends it.
pub(crate) fn forget() -> String {
    format!("{}; Max-Age=0", set(""))
}

/// The value that the browser sent.
pub(crate) fn value(headers: &HeaderMap) -> Option<String> {
    let all = raw(headers);
    let mut pairs = all.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == NAME).map(|(_, value)| value.to_owned())
}

/// The `Cookie` header as it came. HTTP/2 may bring it in pieces (RFC 9113 section 8.2.3).
pub(crate) fn raw(headers: &HeaderMap) -> String {
    let pieces = headers.get_all(COOKIE).iter().filter_map(|piece| piece.to_str().ok());
    pieces.collect::<Vec<_>>().join("; ")
}
