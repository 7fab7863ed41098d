//! Whether the emulator answers: for scripts that wait for it. It is not journaled and meets no fault.

use axum::Json;
use serde_json::{Value, json};

pub(crate) const PATH: &str = "/health";

pub(crate) async fn health() -> Json<Value> {
    Json(json!({"status": "ok"}))
}
