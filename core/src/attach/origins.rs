//! Where tokens may go.

use url::{Origin, Url};

use crate::error::{Error, Misuse};
use crate::uri::{is_secure, without_credentials};

/// The origins (RFC 6454) of the APIs that an application names: tokens go nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiOrigins(Vec<Origin>);

impl ApiOrigins {
    /// These origins, each a scheme, a host and perhaps a port: `https://api.example`, `http://127.0.0.1:8080`.
    /// Scheme, host and port are compared exactly, after upper case, the default port and international names have
    /// been made alike. Write an international name in its ASCII form (`xn--...`) if the HTTP client is not this
    /// library's: not all read such names in the same way.
    ///
    /// Errors: `invalid_api_origin` for anything else in it; `insecure_api_origin` for http, except to loopback.
    pub fn new(origins: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, Error> {
        origins.into_iter().map(|origin| named(origin.as_ref())).collect::<Result<_, _>>().map(Self)
    }

    /// Whether tokens may go to this absolute URL. A URL that some HTTP client could read in another way than this
    /// one does (a backslash, a user name, an escape in the host) gets none.
    pub fn allows(&self, url: &str) -> bool {
        let Some(url) = read(url).filter(is_secure) else { return false };
        let origin = url.origin();
        self.0.contains(&origin)
    }
}

fn named(text: &str) -> Result<Origin, Error> {
    let quoted = || without_credentials(text);
    let url = read(text).ok_or_else(|| Misuse::InvalidApiOrigin { origin: quoted() })?;
    // A wildcard would name a host called `*`, and stand there as if it did more.
    if text.contains('*') || url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(Misuse::InvalidApiOrigin { origin: quoted() }.into());
    }
    if !is_secure(&url) {
        return Err(Misuse::InsecureApiOrigin { origin: quoted() }.into());
    }
    Ok(url.origin())
}

/// A URL that every parser understands alike: browsers' rules (WHATWG) see a slash in a backslash, skip tabs and
/// undo escapes in a host, where RFC 3986 does not.
fn read(text: &str) -> Option<Url> {
    if text.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace()) {
        return None;
    }
    let (_, rest) = text.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    if authority.is_empty() || authority.contains(['@', '%']) {
        return None;
    }
    Url::parse(text).ok().filter(Url::has_host)
}
