//! A process that may open nothing more: alone in its program, since the limit is that of all its threads.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use grantline::{BrowserLoginOptions, Client, LoginRequest, NativeApp, Provider, Registration, Scopes};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

fn app(redirect_uri: &str) -> NativeApp {
    let registration = Registration::new(Provider::visma_connect(), "isv_native").redirect_uri(redirect_uri);
    Client::new().unwrap().native_app(registration).unwrap()
}

fn begin(app: &NativeApp) -> Result<(), grantline::Error> {
    let request = LoginRequest::new(Scopes::list(["openid"]).unwrap());
    app.begin_browser_login(request, BrowserLoginOptions::default().without_browser()).wait().map(drop)
}

#[test]
fn where_the_system_opens_no_socket_the_address_is_named_with_its_reason() {
    let usual = getrlimit(Resource::Nofile);
    for (redirect_uri, address) in [
        ("http://127.0.0.1/callback", "127.0.0.1"),
        ("http://[::1]/callback", "[::1]"),
        ("http://localhost/callback", "localhost"),
    ] {
        let app = app(redirect_uri);
        setrlimit(Resource::Nofile, Rlimit { current: Some(0), maximum: usual.maximum }).unwrap();
        let refused = begin(&app);
        setrlimit(Resource::Nofile, usual.clone()).unwrap();
        let refused = refused.unwrap_err();
        assert_eq!(refused.code(), "loopback_unavailable");
        let told = format!("this system opens no listener on {address}: Too many open files");
        assert!(refused.to_string().starts_with(&told), "{refused}");
        begin(&app).unwrap();
    }
}
