//! What needs no browser: which address is taken, and what the pages hold.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, TcpListener};

use grantline_core::{Error, LoginRequest, Scopes, Violation};

use super::address::{Door, is_absent, refused};
use super::page::Pages;
use super::{BrowserLoginOptions, LoginPage};

fn request() -> LoginRequest {
    LoginRequest::new(Scopes::list(["openid"]).unwrap())
}

fn open(registered: &[&str], request: &LoginRequest) -> Result<String, String> {
    let registered: Vec<String> = registered.iter().map(|&uri| uri.to_owned()).collect();
    let door = Door::open(&registered, request, None);
    door.map(|door| door.redirect_uri).map_err(|error| error.code().into_owned())
}

fn port_of(redirect_uri: &str) -> u16 {
    url::Url::parse(redirect_uri).unwrap().port().unwrap()
}

#[test]
fn the_ip_literal_is_taken_before_localhost_and_a_free_port_is_put_into_it() {
    let uri = open(&["com.example.app:/back", "http://localhost/a", "http://127.0.0.1/b?c=1"], &request());
    let uri = uri.unwrap();
    assert_eq!(uri, format!("http://127.0.0.1:{}/b?c=1", port_of(&uri)));
}

#[test]
fn a_redirect_uri_without_a_path_stays_without_one() {
    let uri = open(&["http://127.0.0.1"], &request()).unwrap();
    assert_eq!(uri, format!("http://127.0.0.1:{}", port_of(&uri)));
}

#[test]
fn f035_where_one_port_is_taken_the_next_redirect_uri_is_tried() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let first = format!("http://127.0.0.1:{}/callback", taken.local_addr().unwrap().port());
    let next = open(&[&first, "http://[::1]/callback"], &request()).unwrap();
    assert!(next.starts_with("http://[::1]:"), "{next}");
    assert_eq!(open(&[&first], &request()).unwrap_err(), "loopback_port_taken");
}

#[test]
fn f037_localhost_is_not_shared_with_whoever_has_one_of_its_two_addresses() {
    let taken = TcpListener::bind("[::1]:0").unwrap();
    let uri = format!("http://localhost:{}/callback", taken.local_addr().unwrap().port());
    assert_eq!(open(&[&uri], &request()).unwrap_err(), "loopback_port_taken");
}

#[test]
fn f035_an_address_that_the_system_has_not_is_named_with_the_reason() {
    let off = refused(&io::Error::from(ErrorKind::AddrNotAvailable), "[::1]".to_owned());
    assert_eq!(off.code(), "loopback_unavailable");
    assert!(off.to_string().contains("[::1]"), "{off}");
}

#[test]
fn f037_only_a_system_without_an_ip_version_has_localhost_at_one_address() {
    // `EAFNOSUPPORT`: as a system says it that was started without IPv6.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    assert!(is_absent(&io::Error::from_raw_os_error(97)));
    assert!(is_absent(&io::Error::from(ErrorKind::AddrNotAvailable)));
    for other in [ErrorKind::AddrInUse, ErrorKind::PermissionDenied, ErrorKind::OutOfMemory] {
        assert!(!is_absent(&io::Error::from(other)), "{other}");
    }
    // `EMFILE` on every Unix.
    assert!(!is_absent(&io::Error::from_raw_os_error(24)), "too many open files");
}

#[test]
fn only_loopback_is_listened_on() {
    let elsewhere =
        ["https://app.example/callback", "com.example.app:/callback", "http://127.0.0.2/callback"];
    assert_eq!(open(&elsewhere, &request()).unwrap_err(), "redirect_uri_not_loopback");
    let chosen = request().redirect_uri("com.example.app:/callback");
    let registered = ["http://127.0.0.1/callback", "com.example.app:/callback"];
    assert_eq!(open(&registered, &chosen).unwrap_err(), "redirect_uri_not_loopback");
}

#[test]
fn a_page_of_text_is_escaped_and_names_its_language() {
    let page = LoginPage::text("nb", "Velkommen <b>", "\"A\" & 'B'");
    let page = Pages::of(&BrowserLoginOptions::default().done_page(page)).outcome(None);
    assert!(page.contains("<html lang=\"nb\">"));
    assert!(page.contains("<h1>Velkommen &lt;b&gt;</h1>"));
    assert!(page.contains("<p>&quot;A&quot; &amp; &#39;B&#39;</p>"));
}

#[test]
fn r052_no_page_loads_anything() {
    let pages = Pages::of(&BrowserLoginOptions::default());
    let expired = Error::from(Violation::LoginExpired);
    for page in [pages.outcome(None), pages.outcome(Some(&expired)), Pages::foreign(&expired)] {
        for loads in ["src=", "href=", "url(", "@import", "<script", "http:"] {
            assert!(!page.contains(loads), "{loads}: {page}");
        }
    }
}
