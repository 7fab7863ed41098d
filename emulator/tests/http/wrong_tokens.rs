//! Faults in what is issued and published: ID tokens, access tokens, metadata, keys, userinfo.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantline_emulator::{
    AccessTokenFault, DiscoveryFault, Fault, FaultKind, IdTokenFault, JwksFault, UserinfoFault,
};
use serde_json::{Value, json};

use crate::requests::{Request, refresh};
use crate::support::{FJORD, World, both, claims, jwt_header, visma};

const METADATA: &str = "/.well-known/openid-configuration";
const JWKS: &str = "/.well-known/openid-configuration/jwks";

/// The next ID token of `isv_web`, with this fault.
async fn faulty(world: &World, fault: IdTokenFault) -> Value {
    world.emulator.add_fault(Fault::new(FaultKind::IdToken(fault)).for_client("isv_web").times(1)).unwrap();
    let tokens = Request::web().tokens(world).await;
    assert!(world.emulator.faults().is_empty());
    tokens["id_token"].clone()
}

fn signature(token: &Value) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(token.as_str().unwrap().rsplit_once('.').unwrap().1).unwrap()
}

#[tokio::test]
async fn each_claim_of_an_id_token_can_be_wrong() {
    let world = visma();
    let now = world.emulator.clock().now_s();
    let issuer = world.emulator.issuer().to_owned();
    for (fault, claim, expected) in [
        (IdTokenFault::WrongIssuer, "iss", json!("https://other-issuer.example")),
        (IdTokenFault::IssuerWithSlash, "iss", json!(format!("{issuer}/"))),
        (IdTokenFault::WrongAudience, "aud", json!("another-client")),
        (IdTokenFault::TwoAudiences, "aud", json!(["isv_web", "another-client"])),
        (IdTokenFault::WrongAuthorizedParty, "azp", json!("another-client")),
        (IdTokenFault::NoNonce, "nonce", Value::Null),
        (IdTokenFault::NoExpiry, "exp", Value::Null),
        (IdTokenFault::OtherSubject, "sub", json!("f0f0f0f0-0000-4000-8000-00000000000f")),
        (IdTokenFault::NoSubject, "sub", Value::Null),
        (IdTokenFault::NoAtHash, "at_hash", Value::Null),
        (IdTokenFault::NoAuthTime, "auth_time", Value::Null),
        (IdTokenFault::WrongAcr, "acr", json!("0")),
        (IdTokenFault::NoAcr, "acr", Value::Null),
    ] {
        let claims = claims(&faulty(&world, fault).await);
        assert_eq!(claims.get(claim).cloned().unwrap_or_default(), expected, "{fault:?}");
    }
    let time = async |fault, claim: &str| claims(&faulty(&world, fault).await)[claim].as_u64().unwrap();
    assert!(time(IdTokenFault::Expired, "exp").await < now);
    assert!(time(IdTokenFault::IssuedInFuture, "iat").await > now + 3000);
    assert!(time(IdTokenFault::NotYetValid, "nbf").await > now + 3000);
    assert!(time(IdTokenFault::OldAuthTime, "auth_time").await < now - 80_000);
    assert_ne!(claims(&faulty(&world, IdTokenFault::WrongNonce).await)["nonce"], "the-nonce");
    let (right, wrong) =
        (Request::web().tokens(&world).await, faulty(&world, IdTokenFault::WrongAtHash).await);
    assert_ne!(claims(&right["id_token"])["at_hash"], claims(&wrong)["at_hash"]);
}

#[tokio::test]
async fn the_header_and_the_signature_of_an_id_token_can_be_wrong() {
    for world in both() {
        let published = world.get(JWKS).await.json();
        let kid = jwt_header(&faulty(&world, IdTokenFault::UnknownKid).await)["kid"].clone();
        assert!(!published["keys"].as_array().unwrap().iter().any(|key| key["kid"] == kid));
        assert_eq!(jwt_header(&faulty(&world, IdTokenFault::NoKid).await).get("kid"), None);
        let none = faulty(&world, IdTokenFault::AlgNone).await;
        assert_eq!((&jwt_header(&none)["alg"], signature(&none).len()), (&json!("none"), 0));
        let cut = faulty(&world, IdTokenFault::NoSignature).await;
        assert_eq!((&jwt_header(&cut)["alg"], signature(&cut).len()), (&json!("RS256"), 0));
        for fault in [IdTokenFault::Hs256WithPublicKey, IdTokenFault::Hs256WithClientSecret] {
            let mac = faulty(&world, fault).await;
            assert_eq!((&jwt_header(&mac)["alg"], signature(&mac).len()), (&json!("HS256"), 32));
        }
        let other = faulty(&world, IdTokenFault::WrongAlg).await;
        assert_eq!(jwt_header(&other)["alg"], "PS256");
        let crit = jwt_header(&faulty(&world, IdTokenFault::UnknownCrit).await);
        assert_eq!((&crit["crit"], &crit["unheard-of"]), (&json!(["unheard-of"]), &json!(true)));
        assert_eq!(jwt_header(&faulty(&world, IdTokenFault::AccessTokenType).await)["typ"], "at+jwt");
    }
}

#[tokio::test]
async fn the_mac_with_the_clients_secret_is_one() {
    let world = visma();
    let token = faulty(&world, IdTokenFault::Hs256WithClientSecret).await;
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"web:secret+100%25&more");
    let input = token.as_str().unwrap().rsplit_once('.').unwrap().0;
    aws_lc_rs::hmac::verify(&key, input.as_bytes(), &signature(&token)).unwrap();
}

#[tokio::test]
async fn a_broken_signature_does_not_verify() {
    let world = visma();
    let key = world.get(JWKS).await.json()["keys"][0].clone();
    let broken = faulty(&world, IdTokenFault::BrokenSignature).await;
    assert!(crate::discovery::verify_rs256(&key, &broken).is_err());
    crate::discovery::verify_rs256(&key, &Request::web().tokens(&world).await["id_token"]).unwrap();
}

#[tokio::test]
async fn an_id_token_can_be_left_out_though_openid_was_granted() {
    let world = visma();
    assert_eq!(faulty(&world, IdTokenFault::Missing).await, Value::Null);
}

#[tokio::test]
async fn a_refresh_can_bring_an_id_token_of_another_user() {
    let world = visma();
    let first = Request::web().tokens(&world).await;
    world.emulator.add_fault(Fault::new(FaultKind::IdToken(IdTokenFault::OtherSubject)).times(1)).unwrap();
    let refreshed = refresh(&world, "isv_web", first["refresh_token"].as_str().unwrap()).await.json();
    assert_ne!(claims(&refreshed["id_token"])["sub"], claims(&first["id_token"])["sub"]);
}

#[tokio::test]
async fn an_id_token_fault_waits_for_an_id_token() {
    let world = visma();
    world.emulator.add_fault(Fault::new(FaultKind::IdToken(IdTokenFault::NoNonce)).times(1)).unwrap();
    world.service_token(&[("tenant_id", FJORD)]).await;
    Request::web().with("scope", "visma_api:read").tokens(&world).await;
    assert_eq!(world.emulator.faults().len(), 1);
}

#[tokio::test]
async fn an_access_token_can_be_of_another_tenant_of_none_or_opaque() {
    for world in both() {
        let token = async |fault| {
            world.emulator.add_fault(Fault::new(FaultKind::AccessToken(fault)).times(1)).unwrap();
            world.service_token(&[("tenant_id", FJORD)]).await.json()["access_token"].clone()
        };
        let other = claims(&token(AccessTokenFault::OtherTenant).await);
        assert!(other["tenant_id"].is_string() && other["tenant_id"] != FJORD, "{other}");
        assert_eq!(claims(&token(AccessTokenFault::NoTenant).await).get("tenant_id"), None);
        assert!(!token(AccessTokenFault::Opaque).await.as_str().unwrap().contains('.'));
    }
}

#[tokio::test]
async fn the_metadata_document_can_be_wrong() {
    for world in both() {
        let issuer = world.emulator.issuer().to_owned();
        let document = async |fault| {
            world.emulator.add_fault(Fault::new(FaultKind::Discovery(fault)).at(METADATA).times(1)).unwrap();
            assert_eq!(world.get("/.well-known/oauth-authorization-server").await.json()["issuer"], issuer);
            world.get(METADATA).await.json()
        };
        assert_eq!(document(DiscoveryFault::WrongIssuer).await["issuer"], "https://other-issuer.example");
        assert_eq!(document(DiscoveryFault::IssuerWithSlash).await["issuer"], format!("{issuer}/"));
        let insecure = document(DiscoveryFault::InsecureTokenEndpoint).await;
        assert_eq!(insecure["token_endpoint"], "http://login.example/connect/token");
        assert_eq!(document(DiscoveryFault::NoJwksUri).await.get("jwks_uri"), None);
        assert_eq!(world.get(METADATA).await.json()["issuer"], issuer);
    }
}

#[tokio::test]
async fn the_key_set_can_be_empty_without_kids_or_odd() {
    let world = visma();
    let keys = async |fault| {
        world.emulator.add_fault(Fault::new(FaultKind::Jwks(fault)).times(1)).unwrap();
        world.get(JWKS).await.json()["keys"].as_array().unwrap().clone()
    };
    assert!(keys(JwksFault::Empty).await.is_empty());
    assert!(keys(JwksFault::NoKids).await.iter().all(|key| key.get("kid").is_none()));
    let odd = keys(JwksFault::OddKeys).await;
    assert_eq!(
        (&odd[0]["kty"], &odd[1]["use"], &odd[4]["alg"]),
        (&json!("unheard-of"), &json!("enc"), &json!("RS256"))
    );
}

#[tokio::test]
async fn userinfo_can_tell_of_another_user_or_of_none() {
    let world = visma();
    let token = Request::web().tokens(&world).await["access_token"].as_str().unwrap().to_owned();
    let info = async |fault| {
        world
            .emulator
            .add_fault(Fault::new(FaultKind::Userinfo(fault)).for_client("isv_web").times(1))
            .unwrap();
        world.get_with_token("/connect/userinfo", &token).await.json()
    };
    assert_eq!(info(UserinfoFault::OtherSubject).await["sub"], "f0f0f0f0-0000-4000-8000-00000000000f");
    assert_eq!(info(UserinfoFault::NoSubject).await.get("sub"), None);
}
