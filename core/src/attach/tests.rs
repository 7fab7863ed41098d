use super::challenge::Challenge;
use super::{ApiAccess, ApiOrigins, ApiRefusalReason, AttachedRequest, Verdict};
use crate::error::Advice;
use crate::scopes::Scopes;
use crate::secret::BearerToken;
use crate::time::UnixMillis;
use crate::token::{AccessToken, Generation};

const INVALID: &str = r#"Bearer realm="api", error="invalid_token", error_description="it has expired""#;

fn token(generation: u64) -> AccessToken {
    AccessToken {
        secret: BearerToken::new("an-access-token"),
        scopes: Scopes::all_allowed(),
        obtained: UnixMillis(0),
        life: None,
        generation: Generation(generation),
        saved: true,
    }
}

fn access() -> ApiAccess {
    ApiAccess::new(ApiOrigins::new(["https://api.example"]).unwrap())
}

fn code(origin: &str) -> String {
    ApiOrigins::new([origin]).map_or_else(|error| error.code().into_owned(), |_| "accepted".to_owned())
}

fn judge(access: &ApiAccess, challenge: &str, token: &AccessToken, is_retry: bool) -> Verdict {
    access.judge(401, [challenge], AttachedRequest { token, is_retry, repeatable: true })
}

fn passed_on(verdict: Verdict) -> (ApiRefusalReason, Advice) {
    match verdict {
        Verdict::PassOn(refusal) => (refusal.reason, refusal.advice()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_token_goes_to_the_named_origin_and_to_no_other() {
    let origins =
        ApiOrigins::new(["https://API.Example:443/", "http://127.0.0.1:8080", "https://bücher.example"])
            .unwrap();
    for url in [
        "https://api.example",
        "https://api.example:443/v1/invoices?x=1#y",
        "HTTPS://API.EXAMPLE/v1",
        "http://127.0.0.1:8080/",
        "https://xn--bcher-kva.example/",
        "https://BÜCHER.example/",
    ] {
        assert!(origins.allows(url), "{url}");
    }
    for url in [
        "http://api.example/",
        "http://api.example:443/",
        "https://api.example:8443/",
        "https://api.example.evil.example/",
        "https://www.api.example/",
        "https://api.example./",
        "http://127.0.0.1/",
        "http://localhost:8080/",
        "wss://api.example/",
        "/v1/invoices",
        "",
    ] {
        assert!(!origins.allows(url), "{url}");
    }
}

#[test]
fn a_url_that_parsers_read_in_different_ways_gets_no_token() {
    let origins = ApiOrigins::new(["https://api.example"]).unwrap();
    for url in [
        "https://api.example@evil.example/",
        "https://user:pw@api.example/",
        "https://api.example\\@evil.example/",
        "https:\\\\api.example/",
        "https:/api.example/",
        "https:api.example/",
        "https:///api.example/",
        "https://api%2Eexample/",
        "https://api.\texample/",
        " https://api.example/",
        "https://api.example/a b",
        "https://api.example/\u{0}",
    ] {
        assert!(!origins.allows(url), "{url:?}");
    }
}

#[test]
fn an_origin_is_a_scheme_a_host_and_perhaps_a_port() {
    for good in ["https://api.example", "https://api.example:8443/", "http://localhost", "http://[::1]:8080"]
    {
        assert_eq!(code(good), "accepted", "{good}");
    }
    for bad in [
        "api.example",
        "https://api.example/v1",
        "https://api.example?x",
        "https://a@api.example",
        "https://*.example",
        "",
    ] {
        assert_eq!(code(bad), "invalid_api_origin", "{bad}");
    }
    for insecure in ["http://api.example", "ftp://api.example"] {
        assert_eq!(code(insecure), "insecure_api_origin", "{insecure}");
    }
}

#[test]
fn an_invalid_token_is_replaced_once_and_a_new_one_that_is_refused_is_not() {
    let access = access();
    assert_eq!(judge(&access, INVALID, &token(1), false), Verdict::RefreshAndRetry);
    let though_new = (ApiRefusalReason::TokenInvalidThoughNew, Advice::AskAdministrator);
    assert_eq!(passed_on(judge(&access, INVALID, &token(2), true)), though_new);
    // Nor for the next request: its token is as new as one can be.
    assert_eq!(passed_on(judge(&access, INVALID, &token(2), false)), though_new);
    assert_eq!(judge(&access, INVALID, &token(3), false), Verdict::RefreshAndRetry);
}

#[test]
fn a_token_that_was_refused_when_new_and_then_accepted_is_like_any_other() {
    let (access, second) = (access(), token(2));
    passed_on(judge(&access, INVALID, &second, true));
    let sent = AttachedRequest { token: &second, is_retry: false, repeatable: true };
    assert_eq!(access.judge(200, [], sent), Verdict::Accepted);
    assert_eq!(judge(&access, INVALID, &second, false), Verdict::RefreshAndRetry);
}

#[test]
fn a_request_that_cannot_go_out_again_is_passed_on_and_its_token_is_dropped() {
    let first = token(1);
    let sent = AttachedRequest { token: &first, is_retry: false, repeatable: false };
    let Verdict::InvalidateAndPassOn(refusal) = access().judge(401, [INVALID], sent) else {
        panic!("passed on")
    };
    assert_eq!(refusal.advice(), Advice::Retry { after: None });
}

#[test]
fn only_invalid_token_asks_for_another_token() {
    let (access, first) = (access(), token(1));
    for (challenge, reason) in [
        (r#"Bearer realm="api""#, ApiRefusalReason::TokenNotSeen),
        ("bearer", ApiRefusalReason::TokenNotSeen),
        (r#"Basic realm="api""#, ApiRefusalReason::Unexplained),
        (r#"Bearer error="something_else""#, ApiRefusalReason::Unexplained),
        (r#"Basic error="invalid_token""#, ApiRefusalReason::Unexplained),
        ("", ApiRefusalReason::Unexplained),
    ] {
        assert_eq!(passed_on(judge(&access, challenge, &first, false)).0, reason, "{challenge}");
    }
    let sent = AttachedRequest { token: &first, is_retry: false, repeatable: true };
    for status in [200, 302, 400, 403, 407, 500] {
        assert_eq!(access.judge(status, [INVALID], sent), Verdict::Accepted, "{status}");
    }
}

#[test]
fn a_missing_scope_is_named_unless_it_is_the_token_itself() {
    let (access, first) = (access(), token(1));
    let sent = AttachedRequest { token: &first, is_retry: false, repeatable: true };
    let judged = |challenge: &str| match access.judge(403, [challenge], sent) {
        Verdict::PassOn(refusal) => refusal,
        other => panic!("{other:?}"),
    };
    let refusal = judged(r#"Bearer error="insufficient_scope", scope="invoices:read invoices:write""#);
    assert_eq!((refusal.code(), refusal.advice()), ("api_insufficient_scope", Advice::FixConfiguration));
    assert!(refusal.scopes.as_ref().is_some_and(|scopes| scopes.contains("invoices:write")));
    assert!(
        refusal
            .to_string()
            .ends_with("ask for that scope (status 403); it wants invoices:read invoices:write")
    );
    let echoed = format!(r#"Bearer error="insufficient_scope", scope="a {}""#, first.expose_secret());
    assert_eq!(judged(&echoed).scopes, None);
}

#[test]
fn challenges_are_read_from_lists_in_any_spelling() {
    for header in [
        INVALID,
        r#"Basic realm="a, Bearer error=\"no\"", Bearer error="invalid_token""#,
        "DPoP algs=\"ES256\", BEARER  Error = invalid_token",
        r#"Negotiate abc==, Bearer scope="x",error="invalid_token",, ,"#,
        r#"Bearer realm="x", Bearer error="invalid\_token""#,
    ] {
        let challenges = Challenge::read_all([header]);
        let found = challenges.iter().filter(|challenge| challenge.is_bearer());
        assert!(
            found.filter_map(|challenge| challenge.parameter("error")).any(|error| error == "invalid_token"),
            "{header}"
        );
    }
}

#[test]
fn challenges_that_break_the_grammar_say_nothing() {
    let endless = format!("Bearer {}", "a=1,".repeat(10_000));
    for header in [
        "=",
        "\"",
        "Bearer error=\"invalid_token\", error=\"invalid_token\"",
        "Bearer error",
        ",,,",
        "\"Bearer\" error=x",
        &endless,
    ] {
        let challenges = Challenge::read_all([header]);
        assert!(challenges.iter().all(|challenge| challenge.parameter("error").is_none()), "{header}");
    }
}
