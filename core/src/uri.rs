//! Which URLs are let in: endpoints, issuers, redirect URIs.

use std::net::IpAddr;

use url::Url;

use crate::error::{Error, Misuse};

/// What an authorization response consists of: a redirect URI that holds one of them makes every response
/// ambiguous (RFC 6749 section 3.1).
const RESPONSE_PARAMETERS: [&str; 6] = ["code", "error", "error_description", "error_uri", "iss", "state"];

/// An endpoint of the provider: https, or http on loopback, without user name and fragment.
/// A query in it is kept (RFC 6749 section 3.1).
pub(crate) fn endpoint(text: &str) -> Result<Url, Error> {
    let refused = || Misuse::InvalidEndpoint { url: without_credentials(text) };
    let url = Url::parse(text).map_err(|_| refused())?;
    if !is_secure(&url) {
        return Err(Misuse::InsecureEndpoint { url: without_credentials(text) }.into());
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(refused().into());
    }
    Ok(url)
}

/// An issuer: an endpoint without query (RFC 8414 section 2).
pub(crate) fn issuer(text: &str) -> Result<(), Error> {
    let refused = || Misuse::InvalidIssuer { issuer: without_credentials(text), instead: as_issuer(text) };
    let url = endpoint(text).map_err(|_| refused())?;
    match url.query().is_none() && text.trim() == text {
        true => Ok(()),
        false => Err(refused().into()),
    }
}

/// What was meant by a text that is no issuer, as far as can be told: with a scheme, and without all that it cannot have.
fn as_issuer(text: &str) -> String {
    let text = text.trim();
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host).trim_end_matches('/');
    // One that asks for TLS keeps it, also on loopback.
    let schemes: &[&str] = if text.starts_with("https://") { &["https"] } else { &["http", "https"] };
    let mut candidates = schemes.iter().map(|scheme| format!("{scheme}://{rest}"));
    let meant = candidates.find(|candidate| Url::parse(candidate).is_ok_and(|url| is_secure(&url)));
    meant.unwrap_or_else(|| "https://connect.visma.com".to_owned())
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
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Misuse::RedirectUriCredentials.into());
    }
    if let Some((name, _)) = url.query_pairs().find(|(name, _)| RESPONSE_PARAMETERS.contains(&name.as_ref()))
    {
        return Err(Misuse::RedirectUriQuery { name: name.into_owned() }.into());
    }
    // Browsers deliver the canonical form, and authorization servers compare text.
    if url.as_str() != text && url.as_str().strip_suffix('/') != Some(text) {
        return Err(Misuse::RedirectUriNotCanonical { uri: uri(), canonical: url.into() }.into());
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_on_loopback(&url) => Ok(()),
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

/// Whether a URL that was delivered is the redirect URI with the response's parameters behind it. A browser gives
/// a redirect URI without a path the path `/`.
pub(crate) fn arrives_at(delivered: &str, redirect_uri: &str) -> bool {
    let Some(rest) = delivered.strip_prefix(redirect_uri) else { return false };
    match Url::parse(redirect_uri) {
        Ok(url) if url.query().is_some() => rest.starts_with('&'),
        Ok(url) if url.as_str() != redirect_uri => rest.starts_with("/?") || rest.starts_with('?'),
        Ok(_) => rest.starts_with('?'),
        Err(_) => false,
    }
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
    if used.scheme() != "http" || !is_on_loopback(&used) {
        return false;
    }
    used.set_port(None).is_ok() && registered.set_port(None).is_ok() && used == registered
}

/// What may be quoted of a URL that was refused, possibly because of the password in it.
pub(crate) fn without_credentials(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, host)) => format!("...@{host}"),
        None => text.to_owned(),
    }
}

pub(crate) fn is_secure(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_on_loopback(url))
}

fn is_on_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(is_loopback)
}

/// Whether a host, as a URL has it, is this machine and no other: `localhost`, or an address of loopback.
///
/// Only there http may be plain (RFC 8252, section 7.3), and no proxy is asked on the way.
pub fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(result: Result<(), Error>) -> String {
        result.map_or_else(|error| error.code().into_owned(), |()| "accepted".to_owned())
    }

    #[test]
    fn loopback_is_localhost_and_its_addresses_and_nothing_that_looks_like_them() {
        for here in ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "::1"] {
            assert!(is_loopback(here), "{here}");
        }
        for elsewhere in
            ["", "localhost.example", "128.0.0.1", "0.0.0.0", "[::2]", "[::1", "127.0.0.1.example"]
        {
            assert!(!is_loopback(elsewhere), "{elsewhere}");
        }
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
    fn a_text_that_is_no_issuer_is_told_what_to_write_instead() {
        for (text, instead) in [
            ("connect.visma.com", "https://connect.visma.com"),
            ("http://connect.visma.com", "https://connect.visma.com"),
            (" https://connect.visma.com/ ", "https://connect.visma.com"),
            ("https://user:pw@id.example/realm?x=1#f", "https://id.example/realm"),
            ("127.0.0.1:4455", "http://127.0.0.1:4455"),
            ("localhost:4455/", "http://localhost:4455"),
            ("https://localhost:4455/?x", "https://localhost:4455"),
            ("https://", "https://connect.visma.com"),
            ("", "https://connect.visma.com"),
        ] {
            let refused = issuer(text).unwrap_err().to_string();
            assert!(refused.contains(&format!("write {instead:?}")), "{refused}");
            assert!(!refused.contains("pw"), "{refused}");
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
