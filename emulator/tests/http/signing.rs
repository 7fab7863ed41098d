//! Signing algorithms and the rotation of keys.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantline_emulator::{Config, KeyRotation, Mode, SigningAlgorithm};
use reqwest::Method;
use serde_json::{Value, json};

use crate::discovery::verify_rs256;
use crate::requests::Request;
use crate::support::{FJORD, World, claims, jwt_header, standard, visma};

const JWKS: &str = "/.well-known/openid-configuration/jwks";

fn signing_with(algorithm: SigningAlgorithm) -> World {
    let mut config = Config { mode: Mode::Standard, ..Config::default() };
    config.application_mut("isv_web").unwrap().id_token_signed_response_alg = algorithm;
    World::with(config)
}

async fn key_of(world: &World, token: &Value) -> Value {
    let header = jwt_header(token);
    let keys = world.get(JWKS).await.json()["keys"].as_array().unwrap().clone();
    keys.into_iter().find(|key| key["kid"] == header["kid"] && key["alg"] == header["alg"]).expect("the key")
}

fn verify(algorithm: &'static dyn VerificationAlgorithm, key: &[u8], token: &Value) {
    let (input, signature) = token.as_str().unwrap().rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    UnparsedPublicKey::new(algorithm, key).verify(input.as_bytes(), &signature).unwrap();
}

fn decode(value: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(value.as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn an_application_chooses_elliptic_curves_in_standard_mode() {
    for (algorithm, curve, verifier) in [
        (SigningAlgorithm::Es256, "P-256", &ECDSA_P256_SHA256_FIXED),
        (SigningAlgorithm::Es384, "P-384", &ECDSA_P384_SHA384_FIXED),
    ] {
        let world = signing_with(algorithm);
        let token = Request::web().tokens(&world).await["id_token"].clone();
        let key = key_of(&world, &token).await;
        assert_eq!((&key["kty"], &key["crv"], &key["use"]), (&json!("EC"), &json!(curve), &json!("sig")));
        let point = [vec![4], decode(&key["x"]), decode(&key["y"])].concat();
        verify(verifier, &point, &token);
    }
}

#[tokio::test]
async fn an_application_chooses_eddsa_or_pss_in_standard_mode() {
    let world = signing_with(SigningAlgorithm::EdDsa);
    let tokens = Request::web().tokens(&world).await;
    let key = key_of(&world, &tokens["id_token"]).await;
    assert_eq!((&key["kty"], &key["crv"]), (&json!("OKP"), &json!("Ed25519")));
    verify(&ED25519, &decode(&key["x"]), &tokens["id_token"]);
    let access_token = tokens["access_token"].as_str().unwrap();
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, access_token.as_bytes());
    assert_eq!(claims(&tokens["id_token"])["at_hash"], URL_SAFE_NO_PAD.encode(&hash.as_ref()[..32]));

    let world = signing_with(SigningAlgorithm::Ps256);
    let token = Request::web().tokens(&world).await["id_token"].clone();
    let key = key_of(&world, &token).await;
    let (input, signature) = token.as_str().unwrap().rsplit_once('.').unwrap();
    let public = aws_lc_rs::rsa::PublicKeyComponents { n: decode(&key["n"]), e: decode(&key["e"]) };
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    public.verify(&RSA_PSS_2048_8192_SHA256, input.as_bytes(), &signature).unwrap();
}

#[tokio::test]
async fn visma_publishes_one_key_for_rs256_and_refuses_other_algorithms() {
    let keys = visma().get(JWKS).await.json()["keys"].as_array().unwrap().clone();
    assert_eq!((keys.len(), &keys[0]["alg"]), (1, &json!("RS256")));
    let mut config = Config::default();
    config.application_mut("isv_web").unwrap().id_token_signed_response_alg = SigningAlgorithm::Es256;
    let refused = config.check().unwrap_err().to_string();
    assert!(refused.contains("isv_web") && refused.contains("RS256 only"), "{refused}");
}

#[tokio::test]
async fn every_published_key_has_a_kid_of_its_own_and_every_algorithm_is_named_in_metadata() {
    let world = standard();
    let keys = world.get(JWKS).await.json()["keys"].as_array().unwrap().clone();
    let mut kids: Vec<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    kids.sort_unstable();
    kids.dedup();
    assert_eq!(kids.len(), 9);
    let named = world.get("/.well-known/openid-configuration").await.json();
    let algorithms: Vec<Value> = keys.iter().map(|key| key["alg"].clone()).collect();
    assert_eq!(named["id_token_signing_alg_values_supported"], json!(algorithms));
}

#[tokio::test]
async fn keys_are_rotated_on_demand_under_new_kids() {
    let world = visma();
    let old = world.service_token(&[("tenant_id", FJORD)]).await.json()["access_token"].clone();
    let rotated = world
        .send(Method::POST, "/admin/keys", &[("content-type", "application/json")], r#"{"rotate":"add"}"#)
        .await
        .json();
    assert_eq!(rotated, world.get(JWKS).await.json());
    assert_eq!(rotated["keys"].as_array().unwrap().len(), 2);
    assert_eq!(rotated["keys"][1]["kid"], jwt_header(&old)["kid"]);
    let new = world.service_token(&[("tenant_id", FJORD)]).await.json()["access_token"].clone();
    assert_eq!(jwt_header(&new)["kid"], rotated["keys"][0]["kid"]);
    assert_eq!(world.get_with_token("/api/invoices", old.as_str().unwrap()).await.status, 200);
    world.emulator.rotate_keys(KeyRotation::Replace).unwrap();
    assert_eq!(world.get(JWKS).await.json()["keys"].as_array().unwrap().len(), 1);
    assert_eq!(world.get_with_token("/api/invoices", new.as_str().unwrap()).await.status, 401);
}

#[tokio::test]
async fn keys_are_rotated_under_the_same_kids() {
    let world = visma();
    let before = world.get(JWKS).await.json()["keys"][0].clone();
    world.emulator.rotate_keys(KeyRotation::SameKids).unwrap();
    let after = world.get(JWKS).await.json()["keys"][0].clone();
    assert_eq!(before["kid"], after["kid"]);
    assert_ne!(before["n"], after["n"]);
    let token = Request::web().tokens(&world).await["id_token"].clone();
    assert!(verify_rs256(&before, &token).is_err());
    verify_rs256(&after, &token).unwrap();
}

#[tokio::test]
async fn refuses_an_unknown_rotation() {
    let world = visma();
    let refused = world
        .send(Method::POST, "/admin/keys", &[("content-type", "application/json")], r#"{"rotate":"twice"}"#)
        .await;
    assert!(refused.status == 422 && refused.error().contains("same-kids"), "{}", refused.body);
}
