//! What a login makes of an answer that is not the one it waits for, and what it sends on of the one that is.

use grantline_core::{
    BegunLogin, Binding, CallId, Callback, LoginApp, LoginRequest, NativeApp, Operation, Provider,
    Registration, ResponseMode, WebApp,
};
use serde_json::{Value, json};

use crate::clients::{
    REDIRECT_URI, error, form, key, login_request, registration, scopes, session, user_tokens, web,
};
use crate::id_tokens::id_token;
use crate::logins::{begin, complete, cookie, logged_in, query};
use crate::scenario::Scenario;
use crate::server;

fn come_back(
    world: &mut Scenario,
    app: &LoginApp,
    begun: &BegunLogin,
    callback: Callback,
    binding: Binding,
) -> CallId {
    let (app, pending) = (app.clone(), begun.pending.clone());
    world.call(Operation::CompleteLogin { app, pending, callback, binding })
}

#[test]
fn an_answer_of_another_server_than_the_one_asked_is_refused_and_nothing_is_sent() {
    let metadata = server::metadata("https://evil.example").to_string();
    let evil = Provider::from_metadata("https://evil.example", &metadata).unwrap();
    let evil: LoginApp = WebApp::new(registration(evil, "isv_web")).unwrap().into();
    let mut world = Scenario::new();
    let begun = begin(&mut world, &evil, login_request());
    let honest = Callback::query(query(&begun));
    let call = come_back(&mut world, &evil, &begun, honest.clone(), cookie(&begun));
    assert_eq!(world.error(call), "issuer_mismatch");
    let call = come_back(&mut world, &web(), &begun, honest, cookie(&begun));
    assert_eq!(world.error(call), "login_of_another_client");
}

#[test]
fn an_answer_without_the_issuer_that_was_promised_is_refused_and_nothing_is_sent() {
    let mut world = Scenario::new();
    let begun = begin(&mut world, &web(), login_request());
    let (stripped, _) =
        query(&begun).split_once("&iss=").map(|(kept, iss)| (kept.to_owned(), iss.to_owned())).unwrap();
    let call = complete(&mut world, &begun, &stripped, cookie(&begun));
    assert_eq!(world.error(call), "issuer_missing");
}

#[test]
fn a_code_of_another_login_is_sent_with_the_verifier_of_this_one() {
    let mut world = Scenario::new();
    let (victims, own) =
        (begin(&mut world, &web(), login_request()), begin(&mut world, &web(), login_request()));
    let injected = query(&own).replace("the-code", "the-victim-s-code");
    let call = complete(&mut world, &own, &injected, cookie(&own));
    let (exchange, request) = world.request();
    let verifier = |begun: &BegunLogin| {
        let record: Value = serde_json::from_str(begun.pending.to_record().unwrap().expose_secret()).unwrap();
        record["code_verifier"].as_str().unwrap().to_owned()
    };
    let sent = form(&request);
    assert_eq!(sent["code"], "the-victim-s-code");
    assert_eq!(sent["code_verifier"], verifier(&own));
    assert_ne!(sent["code_verifier"], verifier(&victims));
    world.answer(exchange, 400, &error("invalid_grant"));
    assert_eq!(world.error(call), "invalid_grant");
    assert!(!world.store.has(&key(&web())));
}

#[test]
fn a_code_with_controls_stands_in_the_form_encoded_and_nowhere_else() {
    let mut world = Scenario::new();
    let begun = begin(&mut world, &web(), login_request());
    let odd = query(&begun).replace("the-code", "a%2Bb%20c%0D%0AX-Evil%3A%201%00%26scope%3Dall");
    complete(&mut world, &begun, &odd, cookie(&begun));
    let (_, request) = world.request();
    let body = String::from_utf8(request.body.as_ref().unwrap().expose_secret().to_vec()).unwrap();
    assert!(body.contains("&code=a%2Bb+c%0D%0AX-Evil%3A+1%00%26scope%3Dall&"), "{body}");
    assert_eq!(form(&request)["code"], "a+b c\r\nX-Evil: 1\0&scope=all");
    assert!(!form(&request).contains_key("scope"));
    let names: Vec<&str> = request.headers.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["accept", "content-type"]);
}

#[test]
fn an_answer_that_comes_by_another_way_or_is_too_long_leaves_the_login_for_the_right_one() {
    let mut world = Scenario::new();
    let asked = login_request().response_mode(ResponseMode::FormPost);
    let begun = begin(&mut world, &web(), asked);
    let good = query(&begun);
    for (callback, code) in [
        (Callback::query(good.as_str()), "response_mode_mismatch"),
        (Callback::url(format!("{REDIRECT_URI}?{good}")), "response_mode_mismatch"),
        (Callback::form_post(format!("{good}&x={}", "x".repeat(128 * 1024))), "callback_too_long"),
        (Callback::form_post("{\"code\":\"the-code\"}"), "state_missing"),
    ] {
        let call = come_back(&mut world, &web(), &begun, callback, cookie(&begun));
        assert_eq!(world.error(call), code);
    }
    let call = come_back(&mut world, &web(), &begun, Callback::form_post(good), cookie(&begun));
    world.grant(&user_tokens("anna"));
    logged_in(&mut world, call);
}

#[test]
fn a_server_that_refuses_the_challenge_is_not_sent_a_plain_one() {
    let mut world = Scenario::new();
    let begun = begin(&mut world, &web(), login_request());
    let refused = "error=invalid_request&error_description=transform+algorithm+not+supported%3A+use+plain";
    let refused = format!("{refused}&state={}", begun.pending.state());
    let call = complete(&mut world, &begun, &refused, cookie(&begun));
    assert_eq!(world.error(call), "invalid_request");
    let again = begin(&mut world, &web(), login_request());
    for url in [&begun.url, &again.url] {
        assert!(url.contains("&code_challenge_method=S256"), "{url}");
    }
}

#[test]
fn the_redirect_uri_of_the_exchange_is_that_of_the_request_byte_for_byte() {
    for uri in [
        "https://app.example",
        "https://app.example/callback?tenant=a%20b&x=%C3%A5",
        "https://app.example/%7Ea",
    ] {
        let registration = Registration::new(Provider::visma_connect(), "isv_public").redirect_uri(uri);
        let app: LoginApp = WebApp::new(registration).unwrap().into();
        let mut world = Scenario::new();
        let begun = begin(&mut world, &app, login_request());
        come_back(&mut world, &app, &begun, Callback::query(query(&begun)), cookie(&begun));
        let (_, request) = world.request();
        assert_eq!(form(&request)["redirect_uri"], uri);
    }
}

#[test]
fn a_public_client_names_itself_in_the_form_and_has_no_authorization_header() {
    let registration =
        Registration::new(Provider::visma_connect(), "isv_native").redirect_uri("com.example.app:/callback");
    let app: LoginApp = NativeApp::new(registration).unwrap().into();
    let mut world = Scenario::new();
    let begun = begin(&mut world, &app, login_request());
    come_back(&mut world, &app, &begun, Callback::query(query(&begun)), Binding::DangerousUnbound);
    let (_, request) = world.request();
    assert_eq!(form(&request)["client_id"], "isv_native");
    assert!(!form(&request).contains_key("client_secret"));
    assert!(request.headers.iter().all(|(name, _)| *name != "authorization"));
}

#[test]
fn c_hash_binds_the_code_where_it_is_there() {
    // The left half of SHA-512, which Ed25519 has inside.
    let hash = |code: &str| {
        use base64::Engine as _;
        use sha2::Digest as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&sha2::Sha512::digest(code)[..32])
    };
    let outcome = |claimed: Value| {
        let mut world = Scenario::new();
        let asked = LoginRequest::new(scopes(&["openid"])).session(session("anna"));
        let begun = begin(&mut world, &web(), asked);
        let nonce = begun.url.split_once("&nonce=").unwrap().1.split('&').next().unwrap().to_owned();
        let call = complete(&mut world, &begun, &query(&begun), cookie(&begun));
        let mut tokens = user_tokens("anna");
        tokens["id_token"] = json!(id_token(&json!({"nonce": nonce, "c_hash": claimed})));
        world.grant(&tokens);
        world.nothing_to_do();
        world.outcome(call).unwrap().map(|_| ()).map_err(|error| error.code().into_owned())
    };
    assert_eq!(outcome(json!(hash("the-code"))), Ok(()));
    assert_eq!(outcome(json!(null)), Ok(()));
    for wrong in [json!(hash("another")), json!(""), json!(7)] {
        assert_eq!(outcome(wrong), Err("id_token_code_mismatch".to_owned()));
    }
}
