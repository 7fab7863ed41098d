//! ID tokens as a server would write them.

use serde_json::{Value, json};

use crate::scenario::START;
use crate::server;

/// The claims of Anna's, from Visma Connect for the web application; `changes` replace them, and null removes one.
pub fn claims(changes: &Value) -> Value {
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
    claims
}

/// The same, signed.
pub fn id_token(changes: &Value) -> String {
    server::signed_by(1, &claims(changes))
}
