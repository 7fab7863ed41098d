//! Errors, also those that a server fills with what it was sent.

use grantline_core::{
    ClientAuthenticationMethod, Error, HttpFailure, HttpFailureKind, HttpReply, HttpResponse, Reply, Scopes,
    SecretBytes, Sent, ServiceApp, ServiceTokenRequest, Step, TenantChoice,
};
use serde_json::json;

use crate::world::{
    ACCESS, CLIENT_SECRET, CODE, NOW, Printed, REFRESH, basic, begun, binding, callback, member,
    registration, request, response, scopes, seed, web,
};

/// What a code exchange comes to when the server answers so.
fn exchange(reply: HttpReply) -> (Error, Printed) {
    let begun = begun();
    let verifier = member(&begun, "code_verifier");
    let validated =
        web().check_callback(&begun.pending, &callback(&begun), &binding(&begun), NOW.wall).unwrap();
    let mut flow = web().exchange(validated, seed());
    request(&mut flow);
    match flow.step(Reply::Http(reply), NOW) {
        Step::Done(Err(error)) => (error, Printed::new(&[&verifier])),
        other => panic!("expected an error, got {other:?}"),
    }
}

fn assert_clean(error: &Error, mut printed: Printed) {
    printed.debug(error);
    printed.display(error);
    printed.display(&error.code());
    if let Error::Server(refusal) = error {
        printed.debug(&refusal.members);
        printed.debug(&refusal.description);
        printed.debug(&refusal.uri);
    }
    printed.assert_clean();
}

#[test]
fn what_a_server_repeats_in_its_error_is_redacted() {
    let echo = format!("{CLIENT_SECRET} {CODE}");
    for body in [
        json!({"error": "invalid_grant", "error_description": echo}),
        json!({"error": "invalid_grant", "error_uri": format!("https://id.example/?{echo}")}),
        json!({"error": echo}),
        json!({"error": "invalid_grant", "trace": {"request": [echo, {"deep": echo}]}}),
        json!({"error": "invalid_grant", echo.as_str(): 1, "trace": {echo.as_str(): 1}}),
    ] {
        let (error, printed) = exchange(Ok(response(400, &body)));
        assert_clean(&error, printed);
    }
}

/// What a request for a service token comes to when the server repeats the whole of it.
fn repeated(method: ClientAuthenticationMethod) -> Error {
    let app = ServiceApp::new(registration(method)).unwrap();
    let token = ServiceTokenRequest::new(TenantChoice::no_tenant(), Scopes::all_allowed());
    let mut flow = app.request_token(token, seed());
    let sent = request(&mut flow);
    let body = String::from_utf8(sent.body.as_ref().unwrap().expose_secret().to_vec()).unwrap();
    let headers: Vec<&str> = sent.headers.iter().map(|(_, value)| value.expose_secret()).collect();
    let echo = json!({"error": "invalid_request", "error_description": body, "headers": headers});
    match flow.step(Reply::Http(Ok(response(400, &echo))), NOW) {
        Step::Done(Err(error)) => error,
        other => panic!("expected an error, got {other:?}"),
    }
}

#[test]
fn a_whole_request_that_the_server_repeats_is_redacted() {
    for method in
        [ClientAuthenticationMethod::ClientSecretBasic, ClientAuthenticationMethod::ClientSecretPost]
    {
        let error = repeated(method);
        let header = basic();
        let credentials = header.strip_prefix("Basic ").unwrap();
        assert_clean(&error, Printed::new(&[&header, credentials]));
    }
}

#[test]
fn a_server_s_text_cannot_write_to_a_terminal_or_forge_a_line_of_a_log() {
    let description = "\u{1b}[2J\u{7}done\r\n2026-11-21 INFO all is well\u{9b}31m";
    let (error, _) = exchange(Ok(response(400, &json!({"error": "a b", "error_description": description}))));
    assert!(!error.to_string().chars().any(char::is_control), "{error}");
    let Error::Server(refusal) = error else { panic!("the server refused") };
    assert_eq!(refusal.description.as_deref(), Some(description), "as data it is kept");
}

#[test]
fn tokens_beside_an_error_are_dropped() {
    let body = json!({"error": "invalid_grant", "access_token": ACCESS, "refresh_token": REFRESH});
    let (error, printed) = exchange(Ok(response(400, &body)));
    assert_clean(&error, printed);
}

#[test]
fn an_answer_that_cannot_be_read_is_not_quoted() {
    let body = format!("{{\"access_token\":\"{ACCESS}\",\"refresh_token\":\"{REFRESH}\"");
    for content_type in ["application/json", "text/html", ""] {
        for status in [200, 302, 400, 500] {
            let headers = vec![("content-type".to_owned(), content_type.to_owned())];
            let body = SecretBytes::new(body.clone().into_bytes());
            let (error, printed) = exchange(Ok(HttpResponse { status, headers, body }));
            assert_clean(&error, printed);
        }
    }
}

#[test]
fn a_token_that_is_refused_is_not_quoted() {
    let access = format!("{ACCESS} with a space");
    for body in [
        json!({"access_token": access, "token_type": "Bearer"}),
        json!({"access_token": ACCESS, "token_type": REFRESH}),
        json!({"access_token": ACCESS, "token_type": "Bearer", "refresh_token": {"x": REFRESH}}),
        json!({"access_token": ACCESS, "token_type": "Bearer", "refresh_token": REFRESH}),
    ] {
        let (error, printed) = exchange(Ok(response(200, &body)));
        assert_clean(&error, printed);
    }
}

#[test]
fn a_transport_failure_names_the_endpoint_and_nothing_that_was_sent() {
    let detail = "connection reset".to_owned();
    let failure = HttpFailure { kind: HttpFailureKind::ConnectionLost, sent: Sent::Maybe, detail };
    let (error, printed) = exchange(Err(failure));
    assert!(error.to_string().contains("https://connect.visma.com/connect/token"));
    assert_clean(&error, printed);
}

#[test]
fn a_callback_that_is_refused_is_not_quoted() {
    let begun = begun();
    let printed = || Printed::new(&[begun.pending.state(), &member(&begun, "nonce")]);
    let state = begun.pending.state();
    for query in [
        format!("code={CODE}&state=wrong"),
        format!("code={CODE}&code={CODE}&state={state}"),
        format!("code={CODE}&state={state}&error=access_denied"),
        format!("code={CODE}&state={state}"),
        format!("code={CODE}&state={state}&iss=https%3A%2F%2Fevil.example"),
    ] {
        let callback = grantline_core::Callback::query(query);
        let judged = web().check_callback(&begun.pending, &callback, &binding(&begun), NOW.wall);
        assert_clean(&judged.unwrap_err(), printed());
    }
}

#[test]
fn a_misuse_names_the_rule_and_not_the_secret() {
    let no_scopes = Scopes::list(Vec::<String>::new()).unwrap_err();
    assert_clean(&no_scopes, Printed::new(&[]));
    let native = grantline_core::NativeApp::new(registration(ClientAuthenticationMethod::ClientSecretPost));
    assert_clean(&native.unwrap_err(), Printed::new(&[]));
    let app = ServiceApp::new(registration(ClientAuthenticationMethod::ClientSecretBasic)).unwrap();
    let mut flow = app.request_token(ServiceTokenRequest::new(TenantChoice::no_tenant(), scopes()), seed());
    let Step::Done(Err(forbidden)) = flow.step(Reply::Start, NOW) else { panic!("openid is refused") };
    assert_clean(&forbidden, Printed::new(&[&basic()]));
}

#[test]
fn a_record_that_cannot_be_read_is_not_quoted() {
    let begun = begun();
    let record = begun.pending.to_record().unwrap();
    let verifier = member(&begun, "code_verifier");
    for broken in [
        record.expose_secret().replacen("\"v\":1", "\"v\":2", 1),
        record.expose_secret().replace("expires_ms", "expires"),
        record.expose_secret()[..record.expose_secret().len() - 1].to_owned(),
    ] {
        let error = grantline_core::PendingLogin::from_record(&broken).unwrap_err();
        assert_clean(&error, Printed::new(&[&verifier, begun.pending.state()]));
    }
}
