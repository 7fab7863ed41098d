use std::process::Command;
use std::time::Duration;

use grantline_core::{
    Error, HttpFailure, HttpFailureKind, HttpReply, HttpRequest, Method, SecretBytes, SecretText, Sent,
};
use grantline_performer_contract::FaultServer;
use grantline_performer_contract::contract::{self, Outcome};
use serde_json::Value;

use super::{HttpOptions, Performer};

const SECRET: &str = "s3cret";

fn performer(options: &HttpOptions) -> Performer {
    Performer::new(options).unwrap()
}

fn post(url: &str) -> HttpRequest {
    HttpRequest {
        method: Method::Post,
        url: url.to_owned(),
        headers: vec![("content-type", SecretText::new("application/x-www-form-urlencoded"))],
        body: Some(SecretBytes::new(b"refresh_token=s3cret".to_vec())),
        timeout: Duration::from_secs(10),
    }
}

fn echo(reply: HttpReply) -> Value {
    serde_json::from_slice(reply.unwrap().body.expose_secret()).unwrap()
}

fn failed(reply: HttpReply) -> HttpFailure {
    let failure = reply.unwrap_err();
    assert!(!failure.detail.contains(SECRET), "{}", failure.detail);
    failure
}

fn as_in_core(request: contract::Request) -> HttpRequest {
    let header = |(name, value): (String, String)| {
        let name = match name.as_str() {
            "accept" => "accept",
            "authorization" => "authorization",
            "content-type" => "content-type",
            other => panic!("the contract sends a header {other}"),
        };
        (name, SecretText::new(value))
    };
    HttpRequest {
        method: if request.method == "POST" { Method::Post } else { Method::Get },
        url: request.url,
        headers: request.headers.into_iter().map(header).collect(),
        body: request.body.map(SecretBytes::new),
        timeout: request.timeout,
    }
}

fn as_in_contract(reply: HttpReply) -> Outcome {
    match reply {
        Ok(response) => Outcome::Response {
            status: response.status,
            headers: response.headers,
            body: response.body.expose_secret().to_vec(),
        },
        Err(failure) => Outcome::Failure {
            kind: match failure.kind {
                HttpFailureKind::Dns => "dns",
                HttpFailureKind::Connect => "connect",
                HttpFailureKind::Tls => "tls",
                HttpFailureKind::TimedOut => "timed_out",
                HttpFailureKind::ConnectionLost => "connection_lost",
                HttpFailureKind::BodyTooLarge => "body_too_large",
                HttpFailureKind::NotHttp => "not_http",
                _ => "not_performed",
            }
            .to_owned(),
            sent: if failure.sent == Sent::Maybe { "maybe" } else { "certainly_not" }.to_owned(),
        },
    }
}

#[tokio::test]
async fn keeps_the_contract_of_http_performers() {
    let server = FaultServer::start().unwrap();
    let usual = performer(&HttpOptions::default().no_proxy());
    let trusting = performer(&HttpOptions::default().no_proxy().root_certificates(server.root_certificate()));
    let complaints = contract::run(&server, async |request: contract::Request| {
        let performer = if request.trusted_root.is_some() { &trusting } else { &usual };
        as_in_contract(performer.perform(as_in_core(request)).await)
    })
    .await;
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[tokio::test]
async fn sends_the_next_request_on_the_same_connection() {
    let server = FaultServer::start().unwrap();
    let performer = performer(&HttpOptions::default());
    let request = post(&server.fill("http://{http}/case/ok"));
    assert_eq!(echo(performer.perform(request.clone()).await)["place_on_connection"], 1);
    let second = echo(performer.perform(request).await);
    assert_eq!(second["place_on_connection"], 2);
    assert_eq!(second["user_agent"], concat!("grantline/", env!("CARGO_PKG_VERSION")));
}

#[tokio::test]
async fn knows_that_nothing_was_sent_when_time_ends_before_the_connection_stands() {
    let server = FaultServer::start().unwrap();
    let mut request = post(&server.fill("https://{silent}/token"));
    request.timeout = Duration::from_millis(300);
    let failure = failed(performer(&HttpOptions::default()).perform(request).await);
    assert_eq!((failure.kind, failure.sent), (HttpFailureKind::TimedOut, Sent::CertainlyNot));
    assert_eq!(failure.detail, "no complete response within 300 ms");
}

#[tokio::test]
async fn gives_up_a_connection_after_the_connect_timeout() {
    let server = FaultServer::start().unwrap();
    let performer = performer(&HttpOptions::default().connect_timeout(Duration::from_millis(300)));
    let failure = failed(performer.perform(post(&server.fill("https://{silent}/token"))).await);
    assert_eq!((failure.kind, failure.sent), (HttpFailureKind::Connect, Sent::CertainlyNot));
}

#[tokio::test]
async fn sends_nothing_when_the_time_is_over_already() {
    let server = FaultServer::start().unwrap();
    let mut request = post(&server.fill("http://{http}/case/ok"));
    request.timeout = Duration::ZERO;
    let failure = failed(performer(&HttpOptions::default()).perform(request).await);
    assert_eq!((failure.kind, failure.sent), (HttpFailureKind::NotPerformed, Sent::CertainlyNot));
    assert_eq!(server.count("ok"), 0);
}

#[tokio::test]
async fn refuses_a_request_that_is_none() {
    let performer = performer(&HttpOptions::default());
    let mut with_line_break = post("http://127.0.0.1/");
    with_line_break.headers.push(("authorization", SecretText::new("Basic s3cret\r\nx: y")));
    for request in [post("/token?code=s3cret"), post("ftp://127.0.0.1/?code=s3cret"), with_line_break] {
        let failure = failed(performer.perform(request).await);
        assert_eq!((failure.kind, failure.sent), (HttpFailureKind::NotPerformed, Sent::CertainlyNot));
    }
}

#[tokio::test]
async fn tells_a_failure_by_its_innermost_causes_and_not_by_the_url() {
    let server = FaultServer::start().unwrap();
    let performer = performer(&HttpOptions::default());
    let told = async |url: &str| failed(performer.perform(post(&server.fill(url))).await).detail;
    let refused = told("http://{refused}/token?code=s3cret").await;
    assert!(refused.starts_with("tcp connect error: Connection refused"), "{refused}");
    let unknown = told("https://{tls}/case/ok?code=s3cret").await;
    assert!(unknown.contains("invalid peer certificate: UnknownIssuer"), "{unknown}");
    let closed = told("http://{http}/case/closed?code=s3cret").await;
    assert!(closed.contains("connection closed before message completed"), "{closed}");
}

#[tokio::test]
async fn goes_through_a_proxy_with_its_credentials() {
    let server = FaultServer::start().unwrap();
    let performer = performer(&HttpOptions::default().proxy(server.fill("http://user:s3cret@{http}")));
    let told = echo(performer.perform(post("http://provider.invalid/case/ok")).await);
    assert_eq!(told["proxied"], true);
    assert_eq!(told["proxy_authorization"], "Basic dXNlcjpzM2NyZXQ=");
}

#[tokio::test]
async fn knows_that_nothing_was_sent_when_the_proxy_makes_no_tunnel() {
    let server = FaultServer::start().unwrap();
    let performer = performer(&HttpOptions::default().proxy(server.fill("http://user:s3cret@{http}")));
    let failure = failed(performer.perform(post("https://provider.invalid/case/ok")).await);
    assert_eq!((failure.kind, failure.sent), (HttpFailureKind::Connect, Sent::CertainlyNot));
    assert_eq!(server.count("connect"), 1);
}

#[tokio::test]
async fn reaches_loopback_without_the_proxy() {
    let server = FaultServer::start().unwrap();
    let performer = performer(&HttpOptions::default().proxy(server.fill("http://{refused}")));
    for host in ["http://{http}/case/ok", "http://{http_by_name}/case/ok"] {
        assert_eq!(echo(performer.perform(post(&server.fill(host))).await)["proxied"], false);
    }
}

const IN_CHILD: &str = "GRANTLINE_TEST_CHILD";

/// The environment is the process's: runs this one test again in a process of its own, and gives what it printed
/// unless it passed.
fn again_with(test: &str, variables: &[(&str, &str)]) -> Result<(), String> {
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("http::tests::{test}")])
        .env_remove("NO_PROXY")
        .env_remove("no_proxy")
        .env(IN_CHILD, "")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&child.stdout).into_owned();
    if child.status.success() && printed.contains("1 passed") { Ok(()) } else { Err(printed) }
}

#[tokio::test]
async fn follows_the_proxy_of_the_environment_except_to_loopback() {
    const LOOPBACK_URL: &str = "GRANTLINE_TEST_LOOPBACK_URL";
    if std::env::var_os(IN_CHILD).is_none() {
        let server = FaultServer::start().unwrap();
        let url = server.fill("http://{http}/case/ok");
        let variables = [("HTTP_PROXY", server.url()), (LOOPBACK_URL, url)];
        let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
        again_with("follows_the_proxy_of_the_environment_except_to_loopback", &variables).unwrap();
        assert_eq!(server.count("ok"), 2);
        return;
    }
    let unknown = post("http://provider.invalid/case/ok");
    let usual = performer(&HttpOptions::default());
    assert_eq!(echo(usual.perform(unknown.clone()).await)["proxied"], true);
    let loopback = post(&std::env::var(LOOPBACK_URL).unwrap());
    assert_eq!(echo(usual.perform(loopback).await)["proxied"], false);
    let direct = performer(&HttpOptions::default().no_proxy());
    assert_eq!(failed(direct.perform(unknown).await).kind, HttpFailureKind::Dns);
}

/// Only there the roots come from files that the environment can move.
#[cfg(target_os = "linux")]
#[test]
fn says_what_to_do_where_the_system_has_no_root_certificates() {
    if std::env::var_os(IN_CHILD).is_none() {
        let none = [("SSL_CERT_FILE", "/dev/null"), ("SSL_CERT_DIR", "/dev/null")];
        again_with("says_what_to_do_where_the_system_has_no_root_certificates", &none).unwrap();
        return;
    }
    let refusal = refusal(&HttpOptions::default());
    assert!(refusal.starts_with("the setting tls is not usable"), "{refusal}");
    assert!(refusal.contains("install the system's CA certificates"), "{refusal}");
    let server = FaultServer::start().unwrap();
    assert!(Performer::new(&HttpOptions::default().root_certificates(server.root_certificate())).is_ok());
}

fn refusal(options: &HttpOptions) -> String {
    match Performer::new(options).unwrap_err() {
        Error::Misuse(misuse) => misuse.to_string(),
        other => panic!("{other}"),
    }
}

#[test]
fn refuses_settings_that_cannot_work_without_repeating_them() {
    let options = HttpOptions::default;
    assert_eq!(
        refusal(&options().proxy("socks5://user:s3cret@proxy.example:1080")),
        "the setting proxy is not usable: the scheme socks5 is not supported, only http and https are"
    );
    let relative = refusal(&options().proxy("user:s3cret@proxy.example:8080"));
    assert!(relative.starts_with("the setting proxy") && !relative.contains(SECRET), "{relative}");
    assert_eq!(
        refusal(&options().root_certificates("not a certificate")),
        "the setting root_certificates is not usable: the text holds no certificate in PEM \
         (-----BEGIN CERTIFICATE-----)"
    );
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert!(refusal(&options().root_certificates(broken)).starts_with("the setting root_certificates"));
}

#[test]
fn keeps_the_credentials_of_a_proxy_out_of_debug_output() {
    let options = HttpOptions::default().proxy("http://user:s3cret@proxy.example:8080");
    let performer = Performer::new(&options).unwrap();
    for printed in [format!("{options:?}"), format!("{performer:?}")] {
        assert!(!printed.contains(SECRET), "{printed}");
    }
}

#[tokio::test]
async fn certificates_that_cannot_be_used_are_told_with_the_first_request_where_they_are_read_when_needed() {
    let options = HttpOptions::default().root_certificates("no certificate").when_needed();
    let performer = Performer::new(&options).unwrap();
    let failure = failed(performer.perform(post("http://127.0.0.1:9/")).await);
    assert_eq!((failure.kind, failure.sent), (HttpFailureKind::NotPerformed, Sent::CertainlyNot));
    assert!(failure.detail.contains("root_certificates"), "{}", failure.detail);
}
