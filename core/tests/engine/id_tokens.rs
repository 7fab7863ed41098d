//! ID tokens as a server would write them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::scenario::START;

/// Anna's, from Visma Connect for the web application; `changes` replace its claims, and null removes one.
pub fn id_token(changes: &Value) -> String {
    let now = START.wall.0 / 1000;
    let mut claims = json!({
        "iss": "https://connect.visma.com",
        "aud": "isv_web",
        "sub": "anna",
        "iat": now,
        "exp": now + 300,
        "auth_time": now - 10,
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    let encoded = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!(
        "{}.{}.{}",
        encoded(&json!({"alg": "RS256"})),
        encoded(&claims),
        URL_SAFE_NO_PAD.encode("signature")
    )
}
