//! `published.json`: values that RFCs print.

use grantline_core::{
    AccessToken, ClientAuthenticationMethod, ClientSecret, Effect, Flow, HttpResponse, LoginRequest,
    NativeApp, Provider, Registration, Reply, Scopes, SecretBytes, Seed, ServiceApp, ServiceTokenRequest,
    Step, TenantChoice,
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
    metadata_urls: Vec<MetadataUrls>,
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

#[derive(Deserialize)]
struct MetadataUrls {
    source: String,
    issuer: String,
    openid: String,
    oauth: String,
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

#[test]
fn the_metadata_of_an_issuer_are_looked_for_where_the_standards_say() {
    for case in published().metadata_urls {
        let provider = Provider::discover(&case.issuer).unwrap();
        let registration = Registration::new(provider, "isv").client_secret(ClientSecret::new("s"));
        let request = ServiceTokenRequest::new(TenantChoice::no_tenant(), Scopes::all_allowed());
        let mut flow = ServiceApp::new(registration).unwrap().request_token(request, Seed::new([7; 32]));
        assert_eq!(asked(&mut flow, Reply::Start), case.openid, "{}", case.source);
        assert_eq!(asked(&mut flow, not_found()), case.oauth, "{}", case.source);
        let Step::Done(Err(error)) = flow.step(not_found(), NOW) else { panic!("{}", case.source) };
        assert_eq!(error.code(), "unexpected_status");
    }
}

fn asked(flow: &mut Flow<AccessToken>, reply: Reply) -> String {
    match flow.step(reply, NOW) {
        Step::Do(Effect::Http(request)) => request.url,
        other => panic!("a document is asked for, and it came to {other:?}"),
    }
}

fn not_found() -> Reply {
    Reply::Http(Ok(HttpResponse { status: 404, headers: Vec::new(), body: SecretBytes::new(Vec::new()) }))
}
