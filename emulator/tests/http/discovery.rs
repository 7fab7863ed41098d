//! Metadata and keys.

use aws_lc_rs::rsa::PublicKeyComponents;
use aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantline_emulator::{Config, Emulator};
use serde_json::Value;

use crate::support::{FJORD, World, both, jwt_header, standard, visma};

#[tokio::test]
async fn both_well_known_paths_name_the_issuer_and_the_endpoints() {
    for world in both() {
        for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
            let metadata = world.get(path).await.json();
            let url = world.emulator.url();
            assert_eq!(metadata["issuer"], url);
            assert!(!url.ends_with('/'));
            assert_eq!(metadata["jwks_uri"], format!("{url}/.well-known/openid-configuration/jwks"));
            assert_eq!(metadata["authorization_endpoint"], format!("{url}/connect/authorize"));
            assert_eq!(metadata["token_endpoint"], format!("{url}/connect/token"));
            assert_eq!(metadata["userinfo_endpoint"], format!("{url}/connect/userinfo"));
            assert_eq!(metadata["revocation_endpoint"], format!("{url}/connect/revocation"));
            assert_eq!(metadata["introspection_endpoint"], format!("{url}/connect/introspect"));
            assert_eq!(metadata["end_session_endpoint"], format!("{url}/connect/endsession"));
            assert_eq!(metadata["backchannel_logout_supported"], true);
            assert_eq!(metadata["backchannel_logout_session_supported"], true);
            assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
            assert_eq!(metadata["id_token_signing_alg_values_supported"][0], "RS256");
        }
    }
}

#[tokio::test]
async fn visma_lists_neither_api_scopes_nor_public_clients() {
    let scopes = |metadata: &Value| {
        metadata["scopes_supported"].as_array().unwrap().contains(&"visma_api:read".into())
    };
    let none = |metadata: &Value| {
        metadata["token_endpoint_auth_methods_supported"].as_array().unwrap().contains(&"none".into())
    };
    let of_visma = visma().get("/.well-known/openid-configuration").await.json();
    let of_standard = standard().get("/.well-known/openid-configuration").await.json();
    assert!(!scopes(&of_visma) && !none(&of_visma), "{of_visma}");
    assert!(scopes(&of_standard) && none(&of_standard), "{of_standard}");
}

#[tokio::test]
async fn the_configured_issuer_is_the_one_in_metadata_and_tokens() {
    let world = World::with(Config { issuer: Some("https://login.example".into()), ..Config::default() });
    let metadata = world.get("/.well-known/openid-configuration").await.json();
    assert_eq!(metadata["issuer"], "https://login.example");
    assert_eq!(metadata["token_endpoint"], "https://login.example/connect/token");
}

#[tokio::test]
async fn the_published_key_verifies_the_tokens_and_has_their_kid() {
    let world = visma();
    let keys = world.get("/.well-known/openid-configuration/jwks").await.json();
    let key = &keys["keys"][0];
    assert!(key.get("d").is_none() && key["kty"] == "RSA" && key["alg"] == "RS256" && key["use"] == "sig");
    let token = &world.service_token(&[("tenant_id", FJORD)]).await.json()["access_token"];
    assert_eq!(jwt_header(token)["kid"], key["kid"]);
    verify_rs256(key, token).unwrap();
}

/// Verifies a token with an RSA key of the key set.
pub fn verify_rs256(key: &Value, token: &Value) -> Result<(), aws_lc_rs::error::Unspecified> {
    let decode = |value: &Value| URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap();
    let (input, signature) = token.as_str().unwrap().rsplit_once('.').unwrap();
    let public = PublicKeyComponents { n: decode(&key["n"]), e: decode(&key["e"]) };
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    public.verify(&RSA_PKCS1_2048_8192_SHA256, input.as_bytes(), &signature)
}

#[tokio::test]
async fn every_emulator_has_a_key_of_its_own() {
    let mut kids = Vec::new();
    for world in both() {
        kids.push(world.get("/.well-known/openid-configuration/jwks").await.json()["keys"][0]["kid"].clone());
    }
    assert_ne!(kids[0], kids[1]);
}

#[test]
fn starts_from_a_plain_test_and_frees_its_port_when_dropped() {
    let emulator = Emulator::start(Config::default()).unwrap();
    let address = emulator.address();
    assert!(address.ip().is_loopback());
    assert!(Emulator::start_on(address, Config::default()).unwrap_err().to_string().contains("port"));
    drop(emulator);
    Emulator::start_on(address, Config::default()).unwrap();
}

#[tokio::test]
async fn starts_and_stops_inside_a_runtime() {
    let world = visma();
    assert_eq!(world.get("/.well-known/openid-configuration").await.status, 200);
    world.emulator.stop();
}
