//! Requests, responses, records, logins, tokens, flows, the engine.

use grantline_core::{
    Binding, Callback, ClientAuthenticationMethod, Effect, Engine, LoginRequest, Operation, Output,
    RecordOperation, RefreshToken, Reply, ServiceApp, ServiceTokenRequest, SessionId, Step, StoreReply,
    StoreRequest, TenantChoice, Todo,
};

use crate::server;
use crate::world::{
    ACCESS, CLIENT_SECRET, CODE, NOW, Printed, REFRESH, basic, begun, binding, callback, id_token, member,
    registration, request, response, scopes, seed, spellings, tokens, web,
};

#[test]
fn the_secrets_of_this_test_would_be_found() {
    for secret in [CLIENT_SECRET, CODE, ACCESS, REFRESH] {
        for spelling in spellings(secret) {
            let mut printed = Printed::new(&[]);
            printed.display(&format!("before {spelling} after"));
            assert!(std::panic::catch_unwind(|| printed.assert_clean()).is_err(), "{spelling}");
        }
    }
}

#[test]
fn a_registration_and_its_applications_print_no_secret() {
    let basic_header = basic();
    let mut printed = Printed::new(&[&basic_header]);
    for method in
        [ClientAuthenticationMethod::ClientSecretBasic, ClientAuthenticationMethod::ClientSecretPost]
    {
        let registration = registration(method);
        printed.debug(&registration);
        let app = ServiceApp::new(registration).unwrap();
        printed.debug(&app);
        let token = ServiceTokenRequest::new(TenantChoice::no_tenant(), scopes());
        printed.debug(&Operation::ServiceToken { app: app.clone(), request: token, newer_than: None });
        let token =
            ServiceTokenRequest::new(TenantChoice::no_tenant(), grantline_core::Scopes::all_allowed());
        let mut flow = app.request_token(token, seed());
        let request = request(&mut flow);
        printed.debug(&flow);
        printed.debug(&request);
        printed.debug(&Effect::Http(request.clone()));
        let sent = request.body.unwrap().expose_secret().to_vec();
        let header = request.headers.into_iter().find(|(name, _)| *name == "authorization");
        let proof =
            header.map_or(String::from_utf8(sent).unwrap(), |(_, value)| value.expose_secret().to_owned());
        assert!(proof == basic_header || proof.contains(&spellings(CLIENT_SECRET)[1]), "the secret is sent");
    }
    printed.debug(&web());
    printed.assert_clean();
}

#[test]
fn a_login_prints_no_secret_from_its_url_to_its_tokens() {
    let begun = begun();
    let (verifier, cookie) = (member(&begun, "code_verifier"), begun.binding.clone().unwrap());
    let (state, nonce) = (member(&begun, "state"), member(&begun, "nonce"));
    let id_token = id_token(&nonce);
    let mut printed = Printed::new(&[&verifier, cookie.expose_value(), &state, &nonce, &id_token]);
    printed.debug(&begun);
    printed.debug(&begun.pending);
    printed.debug(&begun.pending.to_record());
    printed.debug(&cookie);
    printed.debug(&cookie.set_cookie());
    printed.debug(&binding(&begun));
    let callback = callback(&begun);
    printed.debug(&callback);
    printed.debug(&Callback::form_post(CODE));
    printed.debug(&Callback::url(CODE));
    let (app, pending, binding) = (web(), begun.pending.clone(), binding(&begun));
    let operation =
        Operation::CompleteLogin { app, pending, callback: callback.clone(), binding: binding.clone() };
    printed.debug(&operation);
    let validated = web().check_callback(&begun.pending, &callback, &binding, NOW.wall).unwrap();
    printed.debug(&validated);
    let mut flow = web().exchange(validated, seed());
    printed.debug(&flow);
    printed.debug(&request(&mut flow));
    let reply = Reply::Http(Ok(response(200, &tokens(&id_token))));
    printed.debug(&reply);
    let Step::Done(Ok(completed)) = flow.step(reply, NOW) else { panic!("the login completes") };
    assert_eq!(completed.grant.access_token.expose_secret(), ACCESS);
    assert!(completed.grant.id_token.is_some());
    printed.debug(&completed);
    printed.debug(&completed.grant);
    printed.debug(&Step::Done(Ok(completed)));
    printed.debug(&seed());
    printed.assert_clean();
}

#[test]
fn a_refresh_prints_no_secret() {
    let id_token = id_token("n");
    let mut printed = Printed::new(&[&id_token]);
    let token = RefreshToken::new(REFRESH);
    printed.debug(&token);
    let mut flow = web().refresh(token, scopes(), None, seed());
    printed.debug(&request(&mut flow));
    printed.debug(&flow.step(Reply::Http(Ok(response(200, &tokens(&id_token)))), NOW));
    printed.assert_clean();
}

#[test]
fn the_engine_and_what_it_stores_print_no_secret() {
    let begun = begun();
    let id_token = id_token(&member(&begun, "nonce"));
    let mut printed = Printed::new(&[&member(&begun, "code_verifier"), begun.pending.state(), &id_token]);
    let engine = Engine::new();
    let (callback, binding) = (callback(&begun), binding(&begun));
    let login = Operation::CompleteLogin { app: web(), pending: begun.pending, callback, binding };
    let call = engine.call(login, seed(), NOW);
    let mut stored = None;
    while let Some(todo) = engine.next() {
        printed.debug(&todo);
        printed.debug(&engine);
        let Todo::Do { id, effect, .. } = todo else { continue };
        let reply = match effect {
            Effect::Http(request) => {
                let document = server::document(&request);
                Reply::Http(Ok(document.unwrap_or_else(|| response(200, &tokens(&id_token)))))
            }
            Effect::Store(StoreRequest::On { operation: RecordOperation::Create { record }, .. }) => {
                stored = Some(record);
                Reply::Store(StoreReply::Done)
            }
            other => panic!("{other:?}"),
        };
        engine.reply(id, reply, NOW);
    }
    let (of, outcome) = engine.next_outcome().unwrap();
    assert_eq!(of, call);
    printed.debug(&outcome);
    let Ok(Output::LoggedIn(login)) = outcome else { panic!("{outcome:?}") };
    printed.debug(&login.token);
    printed.debug(&engine.session_slot(&login.key));
    let record = stored.unwrap();
    assert!(String::from_utf8_lossy(record.bytes.expose_secret()).contains(REFRESH), "the record holds it");
    printed.debug(&record);
    for reply in [
        StoreReply::Loaded(record.clone()),
        StoreReply::Newer(record.clone()),
        StoreReply::Begun { record, earlier: None },
    ] {
        printed.debug(&reply);
    }
    let session = SessionId::new("anna").unwrap();
    printed.debug(&Operation::SessionToken { app: web(), session, newer_than: None });
    printed.debug(&Operation::BeginLogin { app: web(), request: LoginRequest::new(scopes()) });
    printed.assert_clean();
}

#[test]
fn a_stored_login_prints_no_secret() {
    let engine = Engine::new();
    let begin = Operation::BeginStoredLogin { app: web(), request: LoginRequest::new(scopes()) };
    let call = engine.call(begin, seed(), NOW);
    let Some(Todo::Do { id, effect, .. }) = engine.next() else { panic!("it is stored") };
    let Effect::Store(StoreRequest::On { key, .. }) = &effect else { panic!("{effect:?}") };
    let mut printed = Printed::new(&[&key.name]);
    printed.debug(&effect);
    printed.debug(key);
    engine.reply(id, Reply::Store(StoreReply::Done), NOW);
    printed.debug(&engine);
    let (of, outcome) = engine.next_outcome().unwrap();
    assert_eq!(of, call);
    printed.debug(&outcome);
    let callback = Callback::query(format!("code={CODE}&state={}", key.name));
    let complete = Operation::CompleteStoredLogin {
        app: web(),
        callback,
        binding: Binding::cookie_value("of the browser"),
    };
    printed.debug(&complete);
    engine.call(complete, seed(), NOW);
    printed.debug(&engine.next());
    printed.assert_clean();
}
