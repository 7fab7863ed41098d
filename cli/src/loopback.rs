//! Which servers are on this machine.

use url::{Host, Url};

/// Whether it is one that plain http may go to, and no proxy stands before: as the library has it.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
