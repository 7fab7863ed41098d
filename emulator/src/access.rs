//! Who may use the test controls and the portal: programs of this machine that call the emulator by a loopback address,
//! and whoever calls it by a name that was allowed on purpose.
//!
//! A web page can make a browser send requests here, but it chooses neither the `Host` field (the browser writes the name
//! that it was sent to, also where that name was made to point here: DNS rebinding) nor the `Origin` field.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName};
use url::Host;

/// What a URL of http has that names none (RFC 9110, section 4.2.1).
const HTTP_PORT: u16 = 80;

/// A name at which the portal and the test controls answer to other machines too, such as the one that a container's
/// published port has: `NAME` or `NAME:PORT`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortalHost {
    name: String,
    /// The one that the emulator listens on unless given.
    port: Option<u16>,
}

/// Why a text is no [`PortalHost`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no NAME or NAME:PORT: write it as in the browser's address line, such as localhost:4455")]
pub struct PortalHostError(String);

impl FromStr for PortalHost {
    type Err = PortalHostError;

    fn from_str(text: &str) -> Result<Self, PortalHostError> {
        let refused = || PortalHostError(text.to_owned());
        let (name, port) = split(text).ok_or_else(refused)?;
        // As browsers write it: in lower case, an IPv4 address in four parts.
        let name = Host::parse(name).map_err(|_| refused())?.to_string();
        if name.contains('*') {
            return Err(refused());
        }
        Ok(Self { name, port })
    }
}

/// The names of one emulator.
pub(crate) struct Access {
    port: u16,
    /// Good for programs of this machine.
    loopback: Vec<Authority>,
    /// Good for everybody.
    portal_hosts: RwLock<Vec<Authority>>,
}

/// A host and a port, as the field `Host` and the rest of an origin have them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Authority {
    name: String,
    port: u16,
}

impl Access {
    /// Of an emulator that listens at this address.
    pub(crate) fn at(address: SocketAddr) -> Self {
        let own = address.ip().is_loopback().then(|| written(address.ip()));
        let usual = ["127.0.0.1", "localhost", "[::1]"].map(str::to_owned);
        let loopback =
            usual.into_iter().chain(own).map(|name| Authority { name, port: address.port() }).collect();
        Self { port: address.port(), loopback, portal_hosts: RwLock::default() }
    }

    /// From now on other machines may ask by these names, and by no others.
    pub(crate) fn allow(&self, hosts: &[PortalHost]) {
        let authority =
            |host: &PortalHost| Authority { name: host.name.clone(), port: host.port.unwrap_or(self.port) };
        let mut allowed = self.portal_hosts.write().unwrap_or_else(PoisonError::into_inner);
        *allowed = hosts.iter().map(authority).collect();
    }

    /// Whether this request is from a program that may ask, and not from a page of another site.
    pub(crate) fn allows(&self, peer: SocketAddr, headers: &HeaderMap) -> bool {
        let Some(host) = field(headers, &HOST).and_then(authority) else { return false };
        let origin_is_own = !headers.contains_key(ORIGIN)
            || field(headers, &ORIGIN)
                .and_then(|origin| authority(origin.strip_prefix("http://")?))
                .is_some_and(|origin| self.knows(peer, &origin));
        self.knows(peer, &host) && origin_is_own
    }

    fn knows(&self, peer: SocketAddr, authority: &Authority) -> bool {
        let is_here = peer.ip().to_canonical().is_loopback();
        self.portal_hosts().contains(authority) || is_here && self.loopback.contains(authority)
    }

    fn portal_hosts(&self) -> RwLockReadGuard<'_, Vec<Authority>> {
        self.portal_hosts.read().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where a browser finds the portal of an emulator that listens at this address; `None` where it has no address that the
/// portal answers at.
pub(crate) fn portal_url(access: &Access, address: SocketAddr, path: &str) -> Option<String> {
    let at = |name: &str, port: u16| format!("http://{name}:{port}{path}");
    if let Some(Authority { name, port }) = access.portal_hosts().first() {
        return Some(at(name, *port));
    }
    match address.ip() {
        ip if ip.is_loopback() => Some(at(&written(ip), address.port())),
        // All addresses: loopback is one of them.
        ip if ip.is_unspecified() && ip.is_ipv4() => Some(at("127.0.0.1", address.port())),
        ip if ip.is_unspecified() => Some(at("[::1]", address.port())),
        _ => None,
    }
}

/// Whether the browser says that a page of this very origin sent the request: by `Origin`, or by `Sec-Fetch-Site` (Fetch
/// Metadata Request Headers) where there is no `Origin`.
pub(crate) fn is_sent_by_own_page(headers: &HeaderMap) -> bool {
    match (field(headers, &ORIGIN), field(headers, &HOST)) {
        (Some(origin), Some(host)) => {
            let origin = origin.strip_prefix("http://").and_then(authority);
            origin.is_some() && origin == authority(host)
        }
        _ => field(headers, &HeaderName::from_static("sec-fetch-site")) == Some("same-origin"),
    }
}

fn written(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

/// Names of hosts have no case (RFC 9110, section 4.2.3).
fn authority(text: &str) -> Option<Authority> {
    let (name, port) = split(text)?;
    Some(Authority { name: name.to_ascii_lowercase(), port: port.unwrap_or(HTTP_PORT) })
}

/// The name, an IPv6 address in its brackets, and the port if there is one.
fn split(text: &str) -> Option<(&str, Option<u16>)> {
    let end_of_name =
        if text.starts_with('[') { text.find(']')? + 1 } else { text.find(':').unwrap_or(text.len()) };
    let (name, rest) = text.split_at_checked(end_of_name)?;
    match rest.strip_prefix(':') {
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some((name, Some(digits.parse().ok().filter(|port| *port != 0)?)))
        }
        None if rest.is_empty() && !name.is_empty() => Some((name, None)),
        _ => None,
    }
}

fn field<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const HERE: &str = "127.0.0.1:50000";
    /// Whom an emulator in a container sees where a browser of its host asks.
    const BRIDGE: &str = "172.17.0.1:50000";

    fn access(address: &str, hosts: &[&str]) -> Access {
        let access = Access::at(address.parse().unwrap());
        access.allow(&hosts.iter().map(|host| host.parse().unwrap()).collect::<Vec<_>>());
        access
    }

    fn allows(access: &Access, peer: &str, host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, HeaderValue::from_str(host).unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, HeaderValue::from_str(origin).unwrap());
        }
        access.allows(peer.parse().unwrap(), &headers)
    }

    #[test]
    fn the_loopback_address_that_it_listens_on_is_good_beside_the_usual_names() {
        for (address, own) in [
            ("127.0.0.2:4455", "127.0.0.2:4455"),
            ("[::1]:4455", "[::1]:4455"),
            ("127.0.0.1:4455", "LocalHost:4455"),
        ] {
            let access = access(address, &[]);
            assert!(allows(&access, HERE, own, None), "{own}");
            assert!(allows(&access, HERE, own, Some(&format!("http://{own}"))), "{own}");
            assert!(allows(&access, "[::1]:1", "127.0.0.1:4455", None));
            assert!(allows(&access, "[::ffff:127.0.0.1]:1", "127.0.0.1:4455", None));
            for other in ["127.0.0.3:4455", "127.0.0.2:4456", "127.0.0.2", "evil.example:4455", "", ":4455"] {
                assert!(!allows(&access, HERE, other, None), "{other}");
            }
        }
    }

    #[test]
    fn the_port_may_be_left_out_where_it_is_that_of_http() {
        let access = access("127.0.0.1:80", &[]);
        for host in ["127.0.0.1", "localhost", "[::1]", "127.0.0.1:80"] {
            assert!(allows(&access, HERE, host, Some("http://127.0.0.1")), "{host}");
        }
        assert!(!allows(&access, HERE, "127.0.0.1", Some("https://127.0.0.1")));
        assert!(!allows(&access, HERE, "127.0.0.1:8080", None));
    }

    #[test]
    fn other_machines_come_in_by_a_name_that_was_allowed_and_by_no_other() {
        let access = access("0.0.0.0:4455", &["localhost:8455", "Emulator.Test"]);
        for host in ["localhost:8455", "emulator.test:4455"] {
            assert!(allows(&access, BRIDGE, host, None), "{host}");
            assert!(allows(&access, HERE, host, Some(&format!("http://{host}"))), "{host}");
            assert!(!allows(&access, BRIDGE, host, Some("http://evil.example")), "{host}");
            assert!(!allows(&access, BRIDGE, host, Some("null")), "{host}");
        }
        for host in ["localhost:4455", "127.0.0.1:4455", "evil.example:8455", "emulator.test", "0.0.0.0:4455"]
        {
            assert!(!allows(&access, BRIDGE, host, None), "{host}");
        }
    }

    #[test]
    fn a_page_of_one_name_changes_nothing_at_another() {
        let sent = |origin: &'static str, host: &'static str| {
            let fields = [(ORIGIN, HeaderValue::from_static(origin)), (HOST, HeaderValue::from_static(host))];
            is_sent_by_own_page(&HeaderMap::from_iter(fields))
        };
        assert!(sent("http://localhost:4455", "localhost:4455"));
        assert!(sent("http://127.0.0.1", "127.0.0.1:80"));
        assert!(!sent("http://localhost:4455", "127.0.0.1:4455"));
        assert!(!sent("https://localhost:4455", "localhost:4455"));
        assert!(!sent("null", "null"));
    }

    #[test]
    fn a_portal_host_is_a_name_and_nothing_else() {
        for good in ["localhost", "localhost:4455", "emulator.test:80", "[::1]:4455", "192.0.2.1"] {
            assert!(good.parse::<PortalHost>().is_ok(), "{good}");
        }
        for bad in [
            "",
            ":4455",
            "*",
            "*.example:80",
            "http://localhost",
            "localhost:",
            "localhost:0",
            "localhost:70000",
            "a/b",
            "u@h",
            "[::1",
            "::1",
        ] {
            assert!(bad.parse::<PortalHost>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_portal_is_told_where_it_answers() {
        for (address, hosts, url) in [
            ("127.0.0.2:4455", &[][..], Some("http://127.0.0.2:4455/portal")),
            ("0.0.0.0:4455", &[], Some("http://127.0.0.1:4455/portal")),
            ("[::]:4455", &[], Some("http://[::1]:4455/portal")),
            ("0.0.0.0:4455", &["emulator.test:80"], Some("http://emulator.test:80/portal")),
            ("192.0.2.1:4455", &[], None),
        ] {
            let told = portal_url(&access(address, hosts), address.parse().unwrap(), "/portal");
            assert_eq!(told.as_deref(), url, "{address}");
        }
    }
}
