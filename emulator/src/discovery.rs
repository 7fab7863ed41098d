//! Metadata (OpenID Connect Discovery 1.0, RFC 8414) and keys.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app_state::Shared;
use crate::config::IDENTITY_SCOPES;

pub(crate) const JWKS_PATH: &str = "/.well-known/openid-configuration/jwks";

pub(crate) async fn metadata(State(app): State<Shared>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", app.issuer);
    let mut scopes: Vec<&str> = IDENTITY_SCOPES.to_vec();
    let mut authentication = vec!["client_secret_basic", "client_secret_post"];
    if !app.is_visma() {
        // Visma Connect lists neither its APIs' scopes nor `none`, though both work.
        scopes.extend(app.config.apis.iter().flat_map(|api| api.scopes.iter().map(String::as_str)));
        authentication.push("none");
    }
    Json(json!({
        "issuer": app.issuer,
        "jwks_uri": at(JWKS_PATH),
        "authorization_endpoint": at("/connect/authorize"),
        "token_endpoint": at("/connect/token"),
        "userinfo_endpoint": at("/connect/userinfo"),
        "revocation_endpoint": at("/connect/revocation"),
        "scopes_supported": scopes,
        "claims_supported": ["sub", "name", "email", "email_verified", "sid", "idp", "acr", "amr", "auth_time"],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["form_post", "query", "fragment"],
        "token_endpoint_auth_methods_supported": authentication,
        "id_token_signing_alg_values_supported": ["RS256"],
        "subject_types_supported": ["public"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "acr_values_supported": [crate::authorize::MFA_ACR],
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
    }))
}

pub(crate) async fn jwks(State(app): State<Shared>) -> Json<Value> {
    Json(app.key.jwks())
}
