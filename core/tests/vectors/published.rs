//! `published.json`: values that RFCs print.

use grantline_core::{
    ClientAuthenticationMethod, ClientSecret, Effect, LoginRequest, NativeApp, Provider, Registration, Reply,
    Scopes, Seed, ServiceApp, ServiceTokenRequest, Step, TenantChoice,
};
use serde::Deserialize;

use crate::authorization_requests::s256;
use crate::{NOW, load};

const FILE: &str = include_str!("../../../tests/vectors/published.json");

#[derive(Deserialize)]
struct Published {
    s256: Vec<ProofKey>,
    form_encoding: Vec<FormEncoding>,
    client_secret_basic: Vec<Basic>,
}

#[derive(Deserialize)]
struct ProofKey {
    source: String,
    code_verifier: String,
    code_challenge: String,
}

#[derive(Deserialize)]
struct FormEncoding {
    source: String,
    text: String,
    encoded: String,
}

#[derive(Deserialize)]
struct Basic {
    source: String,
    client_id: String,
    client_secret: String,
    authorization: String,
}

fn published() -> Published {
    load(FILE)
}

#[test]
fn the_runner_s_own_challenge_is_the_rfc_s() {
    for case in published().s256 {
        assert_eq!(s256(&case.code_verifier), case.code_challenge, "{}", case.source);
    }
}

#[test]
fn a_parameter_is_form_encoded_as_the_rfc_prints_it() {
    for case in published().form_encoding {
        let registration = Registration::new(Provider::visma_connect(), "isv_invoices")
            .redirect_uri("com.example.app:/callback");
        let request = LoginRequest::new(Scopes::list(["openid"]).unwrap()).login_hint(&case.text);
        let mut flow = NativeApp::new(registration).unwrap().begin_login(request, Seed::new([7; 32]));
        let Step::Done(Ok(begun)) = flow.step(Reply::Start, NOW) else { panic!("{}", case.source) };
        assert!(begun.url.ends_with(&format!("&login_hint={}", case.encoded)), "{}", case.source);
    }
}

#[test]
fn basic_credentials_come_out_as_published() {
    for case in published().client_secret_basic {
        let registration = Registration::new(Provider::visma_connect(), case.client_id)
            .client_secret(ClientSecret::new(case.client_secret))
            .client_authentication(ClientAuthenticationMethod::ClientSecretBasic);
        let request = ServiceTokenRequest::new(TenantChoice::no_tenant(), Scopes::all_allowed());
        let mut flow = ServiceApp::new(registration).unwrap().request_token(request, Seed::new([7; 32]));
        let Step::Do(Effect::Http(request)) = flow.step(Reply::Start, NOW) else { panic!("{}", case.source) };
        let (_, header) = request.headers.iter().find(|(name, _)| *name == "authorization").unwrap();
        assert_eq!(header.expose_secret(), case.authorization, "{}", case.source);
    }
}
