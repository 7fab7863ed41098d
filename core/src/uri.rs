//! Which URLs are let in: endpoints, issuers, redirect URIs.

use url::{Host, Url};

use crate::error::{Error, Misuse};

/// An endpoint of the provider: https, or http on loopback, without user name and fragment.
/// A query in it is kept (RFC 6749 section 3.1).
pub(crate) fn endpoint(text: &str) -> Result<Url, Error> {
    let refused = || Misuse::InvalidEndpoint { url: text.to_owned() };
    let url = Url::parse(text).map_err(|_| refused())?;
    if !is_secure(&url) {
        return Err(Misuse::InsecureEndpoint { url: text.to_owned() }.into());
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(refused().into());
    }
    Ok(url)
}

/// An issuer: an endpoint without query (RFC 8414 section 2).
pub(crate) fn issuer(text: &str) -> Result<(), Error> {
    let url = endpoint(text).map_err(|_| Misuse::InvalidIssuer { issuer: text.to_owned() })?;
    match url.query() {
        Some(_) => Err(Misuse::InvalidIssuer { issuer: text.to_owned() }.into()),
        None => Ok(()),
    }
}

/// A resource indicator: absolute, without fragment (RFC 8707 section 2).
pub(crate) fn resource(text: &str) -> Result<(), Error> {
    match Url::parse(text) {
        Ok(url) if url.fragment().is_none() => Ok(()),
        _ => Err(Misuse::InvalidResource { resource: text.to_owned() }.into()),
    }
}

/// Which redirect URIs an application type may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RedirectRule {
    /// https, or http on loopback while developing.
    Web,
    /// As `Web`, and private-use schemes (RFC 8252 section 7.1).
    Native,
}

/// Refuses a redirect URI that cannot work; what is accepted is used byte for byte as it was given.
pub(crate) fn redirect_uri(text: &str, rule: RedirectRule) -> Result<(), Error> {
    let uri = || text.to_owned();
    let url = Url::parse(text).map_err(|_| Misuse::RedirectUriRelative { uri: uri() })?;
    if text.contains('#') {
        return Err(Misuse::RedirectUriFragment { uri: uri() }.into());
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        "http" => Err(Misuse::RedirectUriInsecure { uri: uri() }.into()),
        _ if rule == RedirectRule::Native && is_private_use(&url, text) => Ok(()),
        _ => Err(Misuse::RedirectUriScheme { uri: uri() }.into()),
    }
}

/// A reversed domain name and a path behind one slash (RFC 8252 section 7.1).
fn is_private_use(url: &Url, text: &str) -> bool {
    let rest = &text[url.scheme().len()..];
    url.scheme().contains('.') && rest.starts_with(":/") && !rest.starts_with("://")
}

/// Whether `used` is `registered`, or differs from it in the port of a loopback address only
/// (RFC 8252 section 7.3).
pub(crate) fn is_registered(used: &str, registered: &str) -> bool {
    if used == registered {
        return true;
    }
    let (Ok(mut used), Ok(mut registered)) = (Url::parse(used), Url::parse(registered)) else {
        return false;
    };
    if used.scheme() != "http" || !is_loopback(&used) {
        return false;
    }
    used.set_port(None).is_ok() && registered.set_port(None).is_ok() && used == registered
}

fn is_secure(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<(), Error>) -> String {
        result.map_or_else(|error| error.code().into_owned(), |()| "accepted".to_owned())
    }

    #[test]
    fn refuses_endpoints_that_would_carry_secrets_in_clear() {
        assert!(endpoint("https://connect.visma.com/connect/token?x=1").is_ok());
        assert!(endpoint("http://127.0.0.1:8080/token").is_ok());
        assert!(endpoint("http://[::1]/token").is_ok());
        for insecure in
            ["http://connect.visma.com/token", "ftp://a.example/", "http://127.0.0.1.evil.example/"]
        {
            assert_eq!(code(endpoint(insecure).map(|_| ())), "insecure_endpoint", "{insecure}");
        }
        for invalid in ["/token", "https://user:pw@a.example/", "https://a.example/#f"] {
            assert_eq!(code(endpoint(invalid).map(|_| ())), "invalid_endpoint", "{invalid}");
        }
    }

    #[test]
    fn an_own_scheme_is_for_native_applications_and_looks_like_a_reversed_domain() {
        assert_eq!(code(redirect_uri("com.example.app:/callback", RedirectRule::Native)), "accepted");
        for (uri, rule) in [
            ("com.example.app:/callback", RedirectRule::Web),
            ("myapp:/callback", RedirectRule::Native),
            ("com.example.app://callback", RedirectRule::Native),
            ("javascript:alert(1)", RedirectRule::Native),
        ] {
            assert_eq!(code(redirect_uri(uri, rule)), "redirect_uri_scheme", "{uri}");
        }
    }

    #[test]
    fn a_loopback_redirect_may_differ_in_its_port_only() {
        assert!(is_registered("http://127.0.0.1:51234/callback", "http://127.0.0.1/callback"));
        assert!(!is_registered("http://127.0.0.1:51234/other", "http://127.0.0.1/callback"));
        assert!(!is_registered("http://localhost:51234/callback", "http://127.0.0.1/callback"));
        assert!(!is_registered("https://a.example:444/callback", "https://a.example/callback"));
    }
}
