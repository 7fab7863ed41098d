//! Whether the provider can be reached: name, connection, TLS and proxy, each by itself.

use grantline::core::is_loopback;
use grantline::{Client, Error, HttpFailure, HttpFailureKind, Transport};
use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::{Host, Url};

use super::finding::Finding;
use crate::failure::Failure;
use crate::published::{self, Document};

/// Fetches the metadata. `None`: nothing more can be learned from this provider now.
pub(super) fn reach(
    client: &Client,
    issuer: &str,
    findings: &mut Vec<Finding>,
) -> Result<Option<Document>, Failure> {
    let addresses = published::addresses(issuer)?;
    let route = Route::to(&addresses[0]);
    match published::metadata(client, addresses) {
        Ok(document) => {
            findings.extend(route.reached());
            Ok(Some(document))
        }
        Err(Error::Transport(Transport { failure, .. })) => {
            findings.extend(route.failed(&failure));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// What lies between here and the server.
struct Route {
    host: String,
    has_name: bool,
    is_encrypted: bool,
    /// Its address, without a user name and password.
    proxy: Option<String>,
}

impl Route {
    fn to(url: &Url) -> Self {
        Self {
            host: url.host_str().unwrap_or_default().to_owned(),
            has_name: matches!(url.host(), Some(Host::Domain(_))),
            is_encrypted: url.scheme() == "https",
            proxy: proxy(url),
        }
    }

    fn reached(&self) -> Vec<Finding> {
        let Self { host, .. } = self;
        match &self.proxy {
            Some(proxy) => vec![
                Finding::ok("proxy", format!("{proxy} leads to {host}")),
                Finding::not_checked("dns", "the proxy resolves the name"),
                Finding::not_checked("tcp", "the proxy connects"),
                self.tls_is_good(),
            ],
            None => vec![self.no_proxy(), self.name_is_known(), self.connects(), self.tls_is_good()],
        }
    }

    fn failed(&self, failure: &HttpFailure) -> Vec<Finding> {
        match &self.proxy {
            Some(proxy) => self.failed_by_proxy(proxy, failure),
            None => self.failed_directly(failure),
        }
    }

    fn failed_directly(&self, failure: &HttpFailure) -> Vec<Finding> {
        let (host, detail) = (&self.host, &failure.detail);
        let mut findings = vec![self.no_proxy()];
        match failure.kind {
            HttpFailureKind::Dns => {
                let words = format!("the name {host} was not resolved: {detail}");
                let advice = "check the spelling in the profile's provider, this machine's DNS, or, in a network that has one, set HTTPS_PROXY";
                findings.extend([Finding::error("dns", words, advice), unknown("tcp"), unknown("tls")]);
            }
            HttpFailureKind::Connect => {
                let words = format!("no connection to {host}: {detail}");
                let advice = "start the server, or open the firewall for it; in a network with a proxy, set HTTPS_PROXY";
                findings.extend([self.name_is_known(), Finding::error("tcp", words, advice), unknown("tls")]);
            }
            _ => findings.extend([self.name_is_known(), self.connects(), self.tls_or_what_answered(failure)]),
        }
        findings
    }

    fn failed_by_proxy(&self, proxy: &str, failure: &HttpFailure) -> Vec<Finding> {
        let words = format!("{proxy} does not lead to {}: {}", self.host, failure.detail);
        let advice = "correct HTTPS_PROXY, start the proxy, or let it connect there; or name the host in NO_PROXY, if it is reached without";
        match failure.kind {
            HttpFailureKind::Dns | HttpFailureKind::Connect | HttpFailureKind::TimedOut => vec![
                Finding::error("proxy", words, advice),
                Finding::not_checked("dns", "the proxy resolves the name"),
                Finding::not_checked("tcp", "the proxy connects"),
                unknown("tls"),
            ],
            _ => vec![
                Finding::ok("proxy", format!("{proxy} leads to {}", self.host)),
                Finding::not_checked("dns", "the proxy resolves the name"),
                Finding::not_checked("tcp", "the proxy connects"),
                self.tls_or_what_answered(failure),
            ],
        }
    }

    /// There was a connection, and no answer.
    fn tls_or_what_answered(&self, failure: &HttpFailure) -> Finding {
        let detail = &failure.detail;
        match failure.kind {
            HttpFailureKind::Tls => {
                let advice = "check the server's certificate, its name and its dates; where the network has an authority of its own, add that to this system's certificates";
                Finding::error("tls", format!("the handshake with {} failed: {detail}", self.host), advice)
            }
            HttpFailureKind::NotPerformed => {
                Finding::error("tls", detail, "install this system's CA certificates (ca-certificates)")
            }
            _ => Finding::error(
                "metadata",
                format!("{} answered nothing that can be used: {detail}", self.host),
                "check that the profile's provider is an authorization server, and try again",
            ),
        }
    }

    fn no_proxy(&self) -> Finding {
        Finding::ok("proxy", format!("none is set for {}", self.host))
    }

    fn name_is_known(&self) -> Finding {
        let Self { host, .. } = self;
        Finding::ok(
            "dns",
            if self.has_name { format!("{host} is resolved") } else { format!("{host} needs no name") },
        )
    }

    fn connects(&self) -> Finding {
        Finding::ok("tcp", format!("{} takes connections", self.host))
    }

    fn tls_is_good(&self) -> Finding {
        match self.is_encrypted {
            true => Finding::ok("tls", format!("the certificate of {} is good", self.host)),
            false => Finding::ok("tls", "http on loopback, which needs none"),
        }
    }
}

fn unknown(check: &'static str) -> Finding {
    Finding::not_checked(check, "it did not get that far")
}

/// The system's proxy for this address, by the rules of the HTTP client that asks. Requests to loopback use none.
fn proxy(url: &Url) -> Option<String> {
    let is_here = is_loopback(url.host_str()?);
    let target = url.as_str().parse::<Uri>().ok().filter(|_| !is_here)?;
    let proxy = Matcher::from_system().intercept(&target)?;
    let (scheme, authority) = (proxy.uri().scheme_str().unwrap_or("http"), proxy.uri().authority()?);
    let port = authority.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{scheme}://{}{port}", authority.host()))
}
