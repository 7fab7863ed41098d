//! Whether the emulator answers: for scripts that wait for it. It is not journaled and meets no fault.

use axum::Json;
use axum::extract::State;
use serde::Serialize;

use crate::app_state::Shared;

pub(crate) const PATH: &str = "/health";

#[derive(Serialize)]
pub(crate) struct Health {
    status: &'static str,
    /// Only where it cannot be written. Why is for this machine alone: it stands on the portal.
    #[serde(skip_serializing_if = "Option::is_none")]
    state_file: Option<&'static str>,
}

pub(crate) async fn health(State(app): State<Shared>) -> Json<Health> {
    let state_file = app.unwritten.problem().map(|_| "not written");
    Json(Health { status: "ok", state_file })
}
