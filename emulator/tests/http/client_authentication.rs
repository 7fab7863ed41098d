//! Client authentication and the form of token requests.

use reqwest::Method;

use crate::support::{FJORD, FORM, both, encode, standard, visma};

const SERVICE_FORM: [(&str, &str); 2] = [("grant_type", "client_credentials"), ("tenant_id", FJORD)];

#[tokio::test]
async fn takes_the_secret_by_basic_and_by_form() {
    for world in both() {
        assert_eq!(world.token_with_basic("isv_service:service-secret", &SERVICE_FORM).await.status, 200);
        assert_eq!(world.service_token(&[("tenant_id", FJORD)]).await.status, 200);
    }
}

#[tokio::test]
async fn form_decodes_the_secret_in_basic() {
    // The grant is not this client's: getting that far means that its secret was right.
    for world in both() {
        let encoded = world.token_with_basic("isv_web:web%3Asecret%2B100%2525%26more", &SERVICE_FORM).await;
        assert_eq!(encoded.error(), "unauthorized_client");
        let raw = world.token_with_basic("isv_web:web:secret+100%25&more", &SERVICE_FORM).await;
        assert_eq!(raw.error(), "invalid_client");
    }
}

#[tokio::test]
async fn invalid_client_is_a_bare_400_without_challenge_at_visma() {
    let world = visma();
    for answer in [
        world.token_with_basic("isv_service:wrong", &SERVICE_FORM).await,
        world.token(&[("grant_type", "client_credentials"), ("client_id", "unknown")]).await,
    ] {
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_client"));
        assert_eq!(answer.header("www-authenticate"), None);
        assert_eq!(answer.json().as_object().unwrap().len(), 1, "{}", answer.body);
    }
}

#[tokio::test]
async fn invalid_client_is_a_401_with_a_challenge_for_basic_in_standard_mode() {
    let world = standard();
    let by_header = world.token_with_basic("isv_service:wrong", &SERVICE_FORM).await;
    assert_eq!((by_header.status, by_header.error().as_str()), (401, "invalid_client"));
    assert!(by_header.header("www-authenticate").unwrap().starts_with("Basic "));
    let by_form = world.token(&[("grant_type", "client_credentials"), ("client_id", "unknown")]).await;
    assert_eq!((by_form.status, by_form.header("www-authenticate")), (401, None));
}

#[tokio::test]
async fn refuses_wrong_missing_empty_and_overlong_secrets() {
    for world in both() {
        let overlong = format!("isv_service:{}", "s".repeat(101));
        for credentials in ["isv_service:wrong", "isv_service:", &overlong, "no-colon", ":service-secret"] {
            let answer = world.token_with_basic(credentials, &SERVICE_FORM).await;
            assert_eq!(answer.error(), "invalid_client", "{credentials}");
        }
        assert_eq!(world.token(&SERVICE_FORM).await.error(), "invalid_client");
    }
}

#[tokio::test]
async fn a_public_client_has_no_secret_but_may_send_an_empty_one() {
    for world in both() {
        let form = [("grant_type", "refresh_token"), ("refresh_token", "unknown")];
        assert_eq!(world.token_with_basic("isv_native:", &form).await.error(), "invalid_grant");
        assert_eq!(world.token_with_basic("isv_native:secret", &form).await.error(), "invalid_client");
    }
}

#[tokio::test]
async fn refuses_two_ways_of_authentication_at_once() {
    for world in both() {
        let mut form = SERVICE_FORM.to_vec();
        form.push(("client_id", "isv_service"));
        assert_eq!(world.token_with_basic("isv_service:service-secret", &form).await.status, 200);
        form.push(("client_secret", "service-secret"));
        let answer = world.token_with_basic("isv_service:service-secret", &form).await;
        assert_eq!(answer.error(), "invalid_request");
        let other = [SERVICE_FORM[0], ("client_id", "isv_web")];
        let answer = world.token_with_basic("isv_service:service-secret", &other).await;
        assert_eq!(answer.error(), "invalid_request");
    }
}

#[tokio::test]
async fn refuses_a_json_body() {
    for world in both() {
        let headers = [("content-type", "application/json")];
        let body = r#"{"grant_type":"client_credentials","client_id":"isv_service"}"#;
        let answer = world.send(Method::POST, "/connect/token", &headers, body).await;
        assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"));
    }
}

#[tokio::test]
async fn parameters_in_the_query_do_not_count() {
    let query = encode(&[("client_id", "isv_service"), ("client_secret", "service-secret")]);
    let path = format!("/connect/token?{query}");
    let answer = visma().send(Method::POST, &path, &[("content-type", FORM)], encode(&SERVICE_FORM)).await;
    assert_eq!(answer.error(), "invalid_client");
}

#[tokio::test]
async fn refuses_a_repeated_parameter() {
    for world in both() {
        let answer = world.service_token(&[("tenant_id", FJORD), ("tenant_id", FJORD)]).await;
        assert_eq!(answer.error(), "invalid_request");
    }
}

#[tokio::test]
async fn refuses_an_unknown_and_a_missing_grant_type() {
    for world in both() {
        let credentials = [("client_id", "isv_service"), ("client_secret", "service-secret")];
        assert_eq!(world.token(&credentials).await.error(), "invalid_request");
        let unknown = [credentials[0], credentials[1], ("grant_type", "password")];
        assert_eq!(world.token(&unknown).await.error(), "unsupported_grant_type");
    }
}

#[tokio::test]
async fn a_get_is_a_400_at_visma_and_a_405_in_standard_mode() {
    let answer = visma().get("/connect/token").await;
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"));
    assert_eq!(standard().get("/connect/token").await.status, 405);
}

#[tokio::test]
async fn errors_are_json_that_nobody_caches_whatever_accept_says() {
    for world in both() {
        let headers = [("content-type", FORM), ("accept", "text/html, image/gif, */*; q=.2")];
        let answer = world.send(Method::POST, "/connect/token", &headers, "grant_type=x").await;
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert!(answer.header("cache-control").unwrap().contains("no-store"));
    }
}
