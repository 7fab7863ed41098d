use serde_json::json;

use crate::support::{FJORD, NORDLYS, NOT_APPROVED, both, claims, jwt_header, standard, visma};

#[tokio::test]
async fn a_service_gets_a_token_for_an_approved_tenant() {
    for world in both() {
        let answer = world.service_token(&[("scope", "visma_api:read"), ("tenant_id", FJORD)]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let body = answer.json();
        assert_eq!(body["token_type"], "Bearer");
        assert_eq!(body["expires_in"], 3600);
        assert_eq!(body["scope"], "visma_api:read");
        assert!(body.get("refresh_token").is_none() && body.get("id_token").is_none(), "{body}");
        assert_eq!(claims(&body["access_token"])["tenant_id"], FJORD);
    }
}

#[tokio::test]
async fn a_service_token_has_the_claims_of_a_service() {
    let world = visma();
    let body = world.service_token(&[("tenant_id", FJORD)]).await.json();
    let claims = claims(&body["access_token"]);
    assert!(claims.get("sub").is_none(), "{claims}");
    assert_eq!(claims["iss"], world.emulator.issuer());
    assert_eq!(claims["aud"], "https://visma-api.example");
    assert_eq!(claims["client_id"], "isv_service");
    assert_eq!(claims["scope"], json!(["visma_api:read", "visma_api:write"]));
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3600);
    assert_eq!(claims["nbf"], claims["iat"]);
    assert!(claims["jti"].is_string());
    assert_eq!(jwt_header(&body["access_token"])["typ"], "at+jwt");
}

#[tokio::test]
async fn the_scope_claim_is_a_string_in_standard_mode() {
    let body = standard().service_token(&[("tenant_id", FJORD)]).await.json();
    assert_eq!(claims(&body["access_token"])["scope"], "visma_api:read visma_api:write");
}

#[tokio::test]
async fn scope_left_out_grants_all_allowed_api_scopes() {
    for world in both() {
        let body = world.service_token(&[("tenant_id", FJORD)]).await.json();
        assert_eq!(body["scope"], "visma_api:read visma_api:write");
    }
}

#[tokio::test]
async fn refuses_a_tenant_that_has_not_approved() {
    for world in both() {
        let answer = world.service_token(&[("tenant_id", NOT_APPROVED)]).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_tenant"));
    }
}

#[tokio::test]
async fn refuses_a_tenant_that_is_no_uuid() {
    for world in both() {
        for text in ["fjord", "11111111111141118111111111111111", "{11111111-1111-4111-8111-111111111111}"] {
            let answer = world.service_token(&[("tenant_id", text)]).await;
            assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"), "{text}");
        }
    }
}

#[tokio::test]
async fn takes_a_tenant_in_upper_case() {
    let world = visma();
    let body = world.service_token(&[("tenant_id", &FJORD.to_uppercase())]).await.json();
    assert_eq!(claims(&body["access_token"])["tenant_id"], FJORD);
}

#[tokio::test]
async fn refuses_a_missing_tenant_where_a_scope_needs_one() {
    for world in both() {
        let answer = world.service_token(&[]).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_tenant"));
    }
}

#[tokio::test]
async fn a_missing_tenant_silently_means_the_default_one() {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "isv_service_default"),
        ("client_secret", "service-default-secret"),
    ];
    let body = visma().token(&form).await.json();
    assert_eq!(claims(&body["access_token"])["tenant_id"], NORDLYS);
}

#[tokio::test]
async fn needs_no_tenant_for_scopes_that_know_none() {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "isv_service_no_tenant"),
        ("client_secret", "service-no-tenant-secret"),
    ];
    let body = visma().token(&form).await.json();
    assert_eq!(body["scope"], "public_registry:read");
    assert!(claims(&body["access_token"]).get("tenant_id").is_none());
}

#[tokio::test]
async fn refuses_identity_scopes_and_scopes_of_others() {
    for world in both() {
        for scope in ["openid", "offline_access", "public_registry:read", "visma_api:read unknown"] {
            let answer = world.service_token(&[("scope", scope), ("tenant_id", FJORD)]).await;
            assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_scope"), "{scope}");
        }
    }
}

#[tokio::test]
async fn refuses_a_scope_longer_than_300_characters() {
    let scope = "visma_api:read ".repeat(21);
    let answer = visma().service_token(&[("scope", &scope), ("tenant_id", FJORD)]).await;
    assert_eq!(answer.error(), "invalid_scope");
}

#[tokio::test]
async fn refuses_applications_with_users() {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "isv_web_reuse"),
        ("client_secret", "web-reuse-secret"),
    ];
    assert_eq!(visma().token(&form).await.error(), "unauthorized_client");
}
