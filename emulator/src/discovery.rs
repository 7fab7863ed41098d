//! Metadata (OpenID Connect Discovery 1.0, RFC 8414) and keys.

use axum::Json;
use axum::http::{StatusCode, Uri};
use serde_json::{Value, json};

use crate::config::IDENTITY_SCOPES;
use crate::faults::{DiscoveryFault, FaultKind, JwksFault};
use crate::keys::SigningAlgorithm;
use crate::visit::Visit;
use crate::wrong::{self, remove};

pub(crate) const METADATA_PATHS: [&str; 2] =
    ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"];

pub(crate) const JWKS_PATH: &str = "/.well-known/openid-configuration/jwks";

pub(crate) async fn metadata(visit: Visit, uri: Uri) -> Json<Value> {
    let mut metadata = truth(&visit);
    let fault = visit.take_fault("discovery", Some(uri.path()), None, |kind| match kind {
        FaultKind::Discovery(fault) => Some(*fault),
        _ => None,
    });
    match fault {
        None => {}
        Some(DiscoveryFault::WrongIssuer) => metadata["issuer"] = wrong::ISSUER.into(),
        Some(DiscoveryFault::IssuerWithSlash) => metadata["issuer"] = format!("{}/", visit.issuer).into(),
        Some(DiscoveryFault::InsecureTokenEndpoint) => {
            metadata["token_endpoint"] = "http://login.example/connect/token".into();
        }
        Some(DiscoveryFault::NoJwksUri) => remove(&mut metadata, "jwks_uri"),
    }
    Json(metadata)
}

fn truth(visit: &Visit) -> Value {
    let at = |path: &str| format!("{}{path}", visit.issuer);
    let mut scopes: Vec<&str> = IDENTITY_SCOPES.to_vec();
    let mut authentication = vec!["client_secret_basic", "client_secret_post"];
    if !visit.is_visma() {
        // Visma Connect lists neither its APIs' scopes nor `none`, though both work.
        scopes.extend(visit.config.apis.iter().flat_map(|api| api.scopes.iter().map(String::as_str)));
        authentication.push("none");
    }
    let signing = visit.config.signing_algorithms().iter().map(|algorithm| algorithm.name());
    json!({
        "issuer": visit.issuer,
        "jwks_uri": at(JWKS_PATH),
        "authorization_endpoint": at("/connect/authorize"),
        "token_endpoint": at("/connect/token"),
        "userinfo_endpoint": at("/connect/userinfo"),
        "revocation_endpoint": at("/connect/revocation"),
        "introspection_endpoint": at("/connect/introspect"),
        "end_session_endpoint": at("/connect/endsession"),
        "backchannel_logout_supported": true,
        "backchannel_logout_session_supported": true,
        "scopes_supported": scopes,
        "claims_supported": [
            "sub", "name", "email", "email_verified", "sid", "idp", "acr", "amr", "auth_time", "llt", "tenant_id"
        ],
        "grant_types_supported": ["authorization_code", "client_credentials", "refresh_token"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["form_post", "query", "fragment"],
        "token_endpoint_auth_methods_supported": authentication,
        "revocation_endpoint_auth_methods_supported": authentication,
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "id_token_signing_alg_values_supported": signing.collect::<Vec<_>>(),
        "subject_types_supported": ["public"],
        "code_challenge_methods_supported": ["plain", "S256"],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "acr_values_supported": [crate::authorize::MFA_ACR],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
    })
}

pub(crate) async fn jwks(visit: Visit) -> Result<Json<Value>, StatusCode> {
    let set = visit.keys.jwks(visit.config.signing_algorithms());
    let mut set = set.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let fault = visit.take_fault("jwks", Some(JWKS_PATH), None, |kind| match kind {
        FaultKind::Jwks(fault) => Some(*fault),
        _ => None,
    });
    let keys = set["keys"].as_array_mut();
    match (fault, keys) {
        (Some(JwksFault::Empty), Some(keys)) => keys.clear(),
        (Some(JwksFault::NoKids), Some(keys)) => keys.iter_mut().for_each(|key| remove(key, "kid")),
        (Some(JwksFault::OddKeys), Some(keys)) => {
            keys.splice(..0, odd_keys());
        }
        (None, _) | (_, None) => {}
    }
    Ok(Json(set))
}

/// RFC 7517, section 5: keys that are not understood, or lack what they need, are passed over.
fn odd_keys() -> [Value; 4] {
    let rs256 = SigningAlgorithm::Rs256.name();
    [
        json!({"kty": "unheard-of", "kid": "odd-1", "use": "sig"}),
        json!({"kty": "RSA", "kid": "odd-2", "use": "enc", "alg": "RSA-OAEP", "n": "AQAB", "e": "AQAB"}),
        json!({"kty": "RSA", "kid": "odd-3", "use": "sig", "alg": rs256, "n": "not base64url!"}),
        json!("not even an object"),
    ]
}
