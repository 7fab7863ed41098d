//! What a provider says of a user, of a token and of a tenant.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use grantline::{
    Error, Inspection, Scopes, SecretText, ServiceTokenRequest, TenantChoice, WebhookEvent, inspect,
};
use grantline_emulator::{
    AccessTokenFault, Config, Emulator, Fault, FaultKind, GrantRequest, KeyRotation, Mode, Secret,
    UserinfoFault, WebhookFault,
};
use grantline_scripted_browser::Browser;
use support::receiver::Receiver;
use support::web::{WEB, log_in, web_app};
use support::{
    BAKERY, MODES, SERVICE, SHIPPING, STRANGER, client, emulator, refreshes, registration, service_request,
};

#[tokio::test]
async fn userinfo_and_the_session_itself_name_the_user_of_the_id_token() {
    for mode in MODES {
        let emulator = emulator(mode);
        let done = log_in(&web_app(&client(), &emulator).await, &mut Browser::new().unwrap()).await;
        let answer = done.session.user_info().await.unwrap();
        let identity = done.identity.unwrap();
        assert_eq!(answer.subject(), identity.subject());
        assert_eq!(answer.claim("name").unwrap(), "Anna Berg");
        assert_eq!(done.session.identity().await.unwrap(), Some(identity));
    }
}

#[tokio::test]
async fn a_userinfo_answer_about_somebody_else_or_nobody_is_not_used() {
    for mode in MODES {
        let emulator = emulator(mode);
        let session =
            log_in(&web_app(&client(), &emulator).await, &mut Browser::new().unwrap()).await.session;
        for fault in [UserinfoFault::OtherSubject, UserinfoFault::NoSubject] {
            emulator.add_fault(Fault::new(FaultKind::Userinfo(fault)).times(1)).unwrap();
            assert_eq!(session.user_info().await.unwrap_err().code(), "user_info_subject_mismatch");
        }
        session.user_info().await.unwrap();
    }
}

#[tokio::test]
async fn a_token_that_the_userinfo_endpoint_refuses_is_replaced_once() {
    for mode in MODES {
        let emulator = emulator(mode);
        let session =
            log_in(&web_app(&client(), &emulator).await, &mut Browser::new().unwrap()).await.session;
        // All tokens so far are worth nothing to it; Visma Connect says so without a challenge.
        emulator.rotate_keys(KeyRotation::Replace).unwrap();
        session.user_info().await.unwrap();
        assert_eq!(refreshes(&emulator, WEB), 1, "{mode}");
    }
}

#[tokio::test]
async fn introspection_tells_of_access_and_refresh_tokens_and_of_no_others() {
    for mode in MODES {
        let emulator = emulator(mode);
        let app = web_app(&client(), &emulator).await;
        let done = log_in(&app, &mut Browser::new().unwrap()).await;
        let token = done.session.fresh_token().await.unwrap();
        let answer = app.introspect(token.expose_secret()).await.unwrap();
        assert!(answer.is_active());
        assert_eq!(answer.client_id(), Some(WEB));
        assert_eq!(answer.subject(), Some(done.identity.unwrap().subject()));
        assert!(answer.scopes().unwrap().contains("visma_api:read"));
        assert_eq!(answer.expires_at().unwrap().0 / 1000, token.expires_at().unwrap().0 / 1000);

        let grants = emulator.begin_grants(&GrantRequest::new(WEB, "bo@example.com")).unwrap();
        let answer = app.introspect(&*grants[0].refresh_token).await.unwrap();
        assert!(answer.is_active() && answer.client_id() == Some(WEB), "{:?}", answer.members());

        let unknown = app.introspect("nobody's").await.unwrap();
        assert!(!unknown.is_active() && unknown.members().is_empty());
    }
}

#[tokio::test]
async fn a_service_introspects_the_tokens_that_it_got() {
    for mode in MODES {
        let emulator = emulator(mode);
        let app = client().service_app(registration(&emulator, SERVICE).await).unwrap();
        let token = app.token(service_request(BAKERY)).await.unwrap();
        let answer = app.introspect(token.expose_secret()).await.unwrap();
        assert!(answer.is_active() && answer.client_id() == Some(SERVICE), "{:?}", answer.members());
    }
}

async fn service_token(emulator: &Emulator, client_id: &str, tenant: TenantChoice) -> Result<(), Error> {
    let app = client().service_app(registration(emulator, client_id).await).unwrap();
    let request = ServiceTokenRequest::new(tenant, Scopes::list(["visma_api:read"]).unwrap());
    app.token(request).await.map(drop)
}

#[tokio::test]
async fn a_default_tenant_s_token_is_no_token_without_a_tenant() {
    let emulator = emulator(Mode::VismaConnect);
    let get = |tenant| service_token(&emulator, "isv_service_default", tenant);
    let refused = get(TenantChoice::no_tenant()).await.unwrap_err();
    assert_eq!(refused.code(), "tenant_mismatch");
    assert!(refused.to_string().contains(SHIPPING), "{refused}");
    get(TenantChoice::default_tenant()).await.unwrap();
    get(TenantChoice::tenant(SHIPPING).unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_token_for_another_tenant_than_the_one_asked_for_is_not_used() {
    let emulator = emulator(Mode::VismaConnect);
    let app = client().service_app(registration(&emulator, SERVICE).await).unwrap();
    let next_is = |fault| {
        let fault = Fault::new(FaultKind::AccessToken(fault)).for_client(SERVICE).times(1);
        emulator.add_fault(fault).unwrap();
    };
    next_is(AccessTokenFault::OtherTenant);
    assert_eq!(app.token(service_request(BAKERY)).await.unwrap_err().code(), "tenant_mismatch");
    // It is not kept either: the next one is asked for, and right.
    let token = app.token(service_request(BAKERY)).await.unwrap();
    let Inspection::Jwt { claims, .. } = inspect(token.expose_secret()) else { panic!("it is opaque") };
    assert_eq!(claims["tenant_id"], BAKERY);
    // One that says nothing of a tenant is the API's to judge.
    for fault in [AccessTokenFault::NoTenant, AccessTokenFault::Opaque] {
        next_is(fault);
        service_token(&emulator, SERVICE, TenantChoice::tenant(BAKERY).unwrap()).await.unwrap();
    }
}

const SECRET: &str = "of-the-webhook";

#[tokio::test]
async fn the_portal_s_notice_of_a_tenant_is_verified_and_wrong_ones_are_refused() {
    let receiver = Receiver::start();
    let mut config = Config::default();
    let service = config.application_mut(SERVICE).unwrap();
    service.webhook_url = Some(receiver.url.clone());
    service.webhook_secret = Some(Secret::new(SECRET));
    let emulator = Emulator::start(config).unwrap();
    let next_verified = || {
        emulator.approve_tenant(SERVICE, STRANGER).unwrap();
        let told = receiver.next();
        let signature = told.header("x-visma-signature").to_owned();
        WebhookEvent::verify(&SecretText::new(SECRET), told.body.as_bytes(), &signature)
    };
    let tenant = TenantChoice::tenant(STRANGER).unwrap();
    service_token(&emulator, SERVICE, tenant).await.unwrap_err();
    match next_verified().unwrap() {
        WebhookEvent::TenantApplicationAdded { tenant_id, members } => {
            assert_eq!((tenant_id.as_str(), &members["client_id"]), (STRANGER, &SERVICE.into()));
        }
        other => panic!("{other:?}"),
    }
    service_token(&emulator, SERVICE, tenant).await.unwrap();
    for fault in [WebhookFault::WrongSignature, WebhookFault::NoSignature, WebhookFault::AlteredBody] {
        emulator.add_fault(Fault::new(FaultKind::Webhook(fault)).times(1)).unwrap();
        assert_eq!(next_verified().unwrap_err().code(), "webhook_signature_invalid", "{fault:?}");
    }
}
