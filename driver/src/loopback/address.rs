//! Where a login listens: which redirect URI it takes, and the sockets that belong to it.

use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use grantline_core::{Error, LoginRequest, Misuse};
use tokio::runtime::Handle;
use url::Url;

/// How many ports are tried before there is one that is free for IPv4 and IPv6 both.
const ATTEMPTS: u32 = 16;

/// An open port, and the redirect URI that leads to it.
pub(super) struct Door {
    pub(super) redirect_uri: String,
    url: Url,
    listeners: Vec<TcpListener>,
}

/// What a request has to name to be meant for here.
pub(super) struct Place {
    /// The `Host` header: the host, and the port unless it is 80.
    pub(super) authority: String,
    pub(super) path: String,
}

/// In the order in which they are taken: `localhost` may lead elsewhere, and needs both ports (RFC 8252 section 8.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Host {
    V4,
    V6,
    Name,
}

impl Door {
    /// Opens the port of the redirect URI that was chosen, or of the first that is free.
    pub(super) fn open(
        registered: &[String],
        request: &LoginRequest,
        port: Option<u16>,
    ) -> Result<Self, Error> {
        let mut first_failure = None;
        for (host, uri, url) in candidates(registered, request.chosen_redirect_uri()) {
            let wanted = port.or(url.port()).unwrap_or(0);
            match listen(host, wanted).and_then(|listeners| Self::of(&uri, url, listeners)) {
                Ok(door) => return Ok(door),
                Err(error) => {
                    let refused = refused(&error, address(host, wanted));
                    first_failure.get_or_insert(refused);
                }
            }
        }
        Err(first_failure.unwrap_or(Misuse::RedirectUriNotLoopback).into())
    }

    fn of(uri: &str, mut url: Url, listeners: Vec<TcpListener>) -> io::Result<Self> {
        let port = listeners.first().map_or(Ok(0), |one| one.local_addr().map(|address| address.port()))?;
        url.set_port(Some(port)).map_err(|()| ErrorKind::InvalidInput)?;
        // A URI without a path stays without one: servers compare text.
        let has_path = uri.ends_with('/') || url.path() != "/" || url.query().is_some();
        let redirect_uri = match has_path {
            true => url.as_str(),
            false => url.as_str().trim_end_matches('/'),
        };
        Ok(Self { redirect_uri: redirect_uri.to_owned(), url, listeners })
    }

    pub(super) fn place(&self) -> Place {
        let host = self.url.host_str().unwrap_or_default();
        let authority = match self.url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Place { authority, path: self.url.path().to_owned() }
    }

    /// The sockets, in the hands of that runtime.
    pub(super) fn listeners_on(self, runtime: &Handle) -> Result<Vec<tokio::net::TcpListener>, Error> {
        let _here = runtime.enter();
        let address = self.place().authority;
        let listeners = self.listeners.into_iter();
        listeners
            .map(tokio::net::TcpListener::from_std)
            .collect::<io::Result<_>>()
            .map_err(|error| refused(&error, address).into())
    }
}

/// Redirect URIs on loopback, IP literals first.
fn candidates(registered: &[String], chosen: Option<&str>) -> Vec<(Host, String, Url)> {
    let all = registered.iter().map(String::as_str);
    let uris: Vec<&str> = chosen.map_or_else(|| all.collect(), |chosen| vec![chosen]);
    let on_loopback = |uri: &str| {
        let url = Url::parse(uri).ok().filter(|url| url.scheme() == "http")?;
        Some((host(&url)?, uri.to_owned(), url))
    };
    let mut found: Vec<_> = uris.into_iter().filter_map(on_loopback).collect();
    found.sort_by_key(|(host, ..)| *host);
    found
}

/// Of the addresses on loopback only the two that every system has.
fn host(url: &Url) -> Option<Host> {
    match url.host()? {
        url::Host::Ipv4(Ipv4Addr::LOCALHOST) => Some(Host::V4),
        url::Host::Ipv6(Ipv6Addr::LOCALHOST) => Some(Host::V6),
        url::Host::Domain("localhost") => Some(Host::Name),
        _ => None,
    }
}

fn listen(host: Host, port: u16) -> io::Result<Vec<TcpListener>> {
    match host {
        Host::V4 => bind(Ipv4Addr::LOCALHOST, port).map(|listener| vec![listener]),
        Host::V6 => bind(Ipv6Addr::LOCALHOST, port).map(|listener| vec![listener]),
        Host::Name => listen_on_both(port),
    }
}

/// The browser may take either address for `localhost`, and nobody else may listen on the other. Where the system has
/// only one of them, that is enough.
fn listen_on_both(port: u16) -> io::Result<Vec<TcpListener>> {
    let mut attempts = if port == 0 { ATTEMPTS } else { 1 };
    loop {
        attempts -= 1;
        let first = match bind(Ipv4Addr::LOCALHOST, port) {
            Err(error) if is_absent(&error) => {
                return bind(Ipv6Addr::LOCALHOST, port).map(|only| vec![only]);
            }
            first => first?,
        };
        match bind(Ipv6Addr::LOCALHOST, first.local_addr()?.port()) {
            Ok(second) => return Ok(vec![first, second]),
            Err(error) if is_absent(&error) => return Ok(vec![first]),
            Err(error) if error.kind() != ErrorKind::AddrInUse || attempts == 0 => return Err(error),
            Err(_) => {}
        }
    }
}

/// Whether the system has no such IP version: it has no such address, or no such sockets. What else goes wrong, such as too
/// many open files, says nothing of that.
pub(super) fn is_absent(error: &io::Error) -> bool {
    error.kind() == ErrorKind::AddrNotAvailable || error.raw_os_error() == Some(NO_SUCH_ADDRESS_FAMILY)
}

/// `EAFNOSUPPORT`, for which the standard library has no kind.
const NO_SUCH_ADDRESS_FAMILY: i32 = if cfg!(windows) {
    10_047
} else if cfg!(any(target_os = "linux", target_os = "android")) {
    97
} else {
    47
};

/// On Unix the standard library sets `SO_REUSEADDR`, by which a port is free again although its last connections linger;
/// it lets no two programs listen on one address. On Windows it would, and is not set there.
fn bind(address: impl Into<IpAddr>, port: u16) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(SocketAddr::new(address.into(), port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn address(host: Host, port: u16) -> String {
    let host = match host {
        Host::V4 => "127.0.0.1",
        Host::V6 => "[::1]",
        Host::Name => "localhost",
    };
    match port {
        0 => host.to_owned(),
        port => format!("{host}:{port}"),
    }
}

pub(super) fn refused(error: &io::Error, address: String) -> Misuse {
    match error.kind() {
        ErrorKind::AddrInUse => Misuse::LoopbackPortTaken { address },
        _ => Misuse::LoopbackUnavailable { address, why: error.to_string() },
    }
}
