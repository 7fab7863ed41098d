//! A server's documents and its signature, for all of core's tests.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signer, SigningKey};
use grantline_core::{HttpRequest, HttpResponse, Method, SecretBytes};
use serde_json::{Value, json};

/// The algorithm of the server's key, as a registration names it.
pub const ALGORITHM: grantline_core::SigningAlgorithm = grantline_core::SigningAlgorithm::EdDsa;

fn signing_key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn encoded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Signs with the key of that number, which is named `key-` and the number.
pub fn signed_by(number: u8, claims: &Value) -> String {
    signed_under(&json!({"alg": "EdDSA", "kid": format!("key-{number}")}), number, claims)
}

/// Signs with the key of that number under any header.
pub fn signed_under(header: &Value, number: u8, claims: &Value) -> String {
    let signed = format!("{}.{}", encoded(header.to_string()), encoded(claims.to_string()));
    let signature = signing_key(number).sign(signed.as_bytes());
    format!("{signed}.{}", encoded(signature.to_bytes()))
}

/// The public keys of these numbers.
pub fn key_set(numbers: &[u8]) -> Value {
    let key = |number: &u8| {
        let x = encoded(signing_key(*number).verifying_key().to_bytes());
        json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": format!("key-{number}"), "x": x})
    };
    json!({"keys": numbers.iter().map(key).collect::<Vec<_>>()})
}

/// The metadata document of an issuer that has everything in its usual place.
pub fn metadata(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/connect/authorize"),
        "token_endpoint": format!("{issuer}/connect/token"),
        "revocation_endpoint": format!("{issuer}/connect/revocation"),
        "userinfo_endpoint": format!("{issuer}/connect/userinfo"),
        "introspection_endpoint": format!("{issuer}/connect/introspect"),
        "end_session_endpoint": format!("{issuer}/connect/endsession"),
        "jwks_uri": format!("{issuer}/.well-known/openid-configuration/jwks"),
        "authorization_response_iss_parameter_supported": true,
    })
}

/// The answer to a request for a document; `None`: it is for something else.
pub fn document(request: &HttpRequest) -> Option<HttpResponse> {
    let (issuer, name) = request.url.split_once("/.well-known/")?;
    let document = match (request.method, name) {
        (Method::Get, "openid-configuration") => metadata(issuer),
        (Method::Get, "openid-configuration/jwks") => key_set(&[1]),
        _ => return None,
    };
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Some(HttpResponse { status: 200, headers, body: SecretBytes::new(document.to_string().into_bytes()) })
}
