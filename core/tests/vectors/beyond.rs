//! What the table cannot hold: bytes that are no text, sizes at the limits, JSON objects that repeat a member.

use grantline_core::{
    ClientSecret, Effect, HttpResponse, MAX_RESPONSE_BODY, Provider, Registration, Reply, Scopes,
    SecretBytes, Seed, ServiceApp, ServiceTokenRequest, Step, TenantChoice,
};

use crate::NOW;

/// The code of the error that this body comes to, or "accepted".
fn outcome(headers: &[(&str, &str)], body: Vec<u8>) -> String {
    let registration =
        Registration::new(Provider::visma_connect(), "isv").client_secret(ClientSecret::new("s"));
    let request = ServiceTokenRequest::new(TenantChoice::no_tenant(), Scopes::all_allowed());
    let mut flow = ServiceApp::new(registration).unwrap().request_token(request, Seed::new([7; 32]));
    assert!(matches!(flow.step(Reply::Start, NOW), Step::Do(Effect::Http(_))));
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let reply = Reply::Http(Ok(HttpResponse { status: 200, headers, body: SecretBytes::new(body) }));
    match flow.step(reply, NOW) {
        Step::Done(Ok(_)) => "accepted".to_owned(),
        Step::Done(Err(error)) => error.code().into_owned(),
        other => panic!("one answer is enough, and it came to {other:?}"),
    }
}

const JSON: [(&str, &str); 1] = [("Content-Type", "application/json")];

fn json_outcome(body: impl Into<Vec<u8>>) -> String {
    outcome(&JSON, body.into())
}

fn token_of(name: &str, length: usize) -> String {
    let mut members =
        [("access_token", "x".to_owned()), ("refresh_token", "x".to_owned()), ("id_token", "x".to_owned())];
    for (member, value) in &mut members {
        if *member == name {
            *value = "a".repeat(length);
        }
    }
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("\"{name}\":\"{value}\"")).collect();
    format!("{{\"token_type\":\"Bearer\",{}}}", members.join(","))
}

#[test]
fn a_body_that_is_not_utf_8_is_refused() {
    let latin_1 = b"{\"access_token\":\"x\",\"token_type\":\"Bearer\",\"name\":\"\xe5\"}".to_vec();
    let charset = [("content-type", "application/json; charset=iso-8859-1")];
    assert_eq!(outcome(&charset, latin_1), "malformed_json");
    let text = r#"{"access_token":"x","token_type":"Bearer"}"#;
    let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(json_outcome(utf_16), "malformed_json");
    assert_eq!(json_outcome(text), "accepted");
}

#[test]
fn a_response_without_a_content_type_is_refused() {
    assert_eq!(outcome(&[], br#"{"access_token":"x","token_type":"Bearer"}"#.to_vec()), "not_json");
}

#[test]
fn every_token_may_have_64_kib_and_no_more() {
    for name in ["access_token", "refresh_token"] {
        assert_eq!(json_outcome(token_of(name, 64 * 1024)), "accepted", "{name}");
        assert_eq!(json_outcome(token_of(name, 64 * 1024 + 1)), "member_malformed", "{name}");
    }
}

#[test]
fn an_id_token_beyond_64_kib_loses_no_tokens() {
    assert_eq!(json_outcome(token_of("id_token", 64 * 1024 + 1)), "accepted");
}

#[test]
fn a_body_of_the_largest_size_is_read() {
    let start = r#"{"access_token":"x","token_type":"Bearer","unknown":""#;
    let body = format!("{start}{}\"}}", "a".repeat(MAX_RESPONSE_BODY - start.len() - 2));
    assert_eq!(body.len(), MAX_RESPONSE_BODY);
    assert_eq!(json_outcome(body), "accepted");
}

#[test]
fn a_body_nested_to_the_largest_size_does_not_exhaust_the_stack() {
    for open in ["[", "{\"x\":"] {
        assert_eq!(json_outcome(open.repeat(MAX_RESPONSE_BODY / open.len())), "malformed_json");
        let start = r#"{"access_token":"x","token_type":"Bearer","unknown":"#;
        assert_eq!(json_outcome(format!("{start}{}", open.repeat(100_000))), "malformed_json");
    }
}

#[test]
fn metadata_that_names_a_used_member_twice_is_not_used() {
    let issuer = r#""issuer":"https://a.example""#;
    for document in [
        format!(r#"{{"issuer":"https://evil.example",{issuer}}}"#),
        format!(
            r#"{{{issuer},"token_endpoint":"https://a.example/t","token_endpoint":"https://evil.example/t"}}"#
        ),
    ] {
        let refused = Provider::from_metadata("https://a.example", &document).unwrap_err();
        assert_eq!(refused.code(), "metadata_malformed", "{document}");
    }
    assert!(Provider::from_metadata("https://a.example", &format!(r#"{{{issuer},"x":1,"x":2}}"#)).is_ok());
}

#[test]
fn metadata_that_is_no_object_is_not_used() {
    const MEMBERS_IN_A_LIST: &str = r#"["https://a.example","https://a.example/authorize","https://a.example/token",null,null,null,null,null,null]"#;
    for document in [
        "",
        "[]",
        MEMBERS_IN_A_LIST,
        "7",
        "null",
        "\"https://a.example\"",
        "{\"issuer\":\"https://a.example\"",
        "{}x",
    ] {
        let refused = Provider::from_metadata("https://a.example", document).unwrap_err();
        assert_eq!(refused.code(), "metadata_malformed", "{document}");
    }
}
