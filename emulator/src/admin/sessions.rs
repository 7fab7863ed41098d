//! Sessions that end, tenants that approve and withdraw, and what applications were told of it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::ask::{Asked, Body};
use super::{refuse, refused};
use crate::app_state::Shared;
use crate::control::approvals;
use crate::logout;
use crate::notices::{self, Delivery};

/// One of two ways to say which sessions.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogOut {
    /// All of this user's.
    username: Option<String>,
    /// The one of this `sid`.
    sid: Option<String>,
}

/// Answers when the applications have been told.
pub(super) async fn log_out(State(app): State<Shared>, Body(whom): Body<LogOut>) -> Response {
    let sids = match whom {
        LogOut { username: Some(name), sid: None } => match app.config().user(&name) {
            Some(user) => logout::sessions_of(&app, &user.sub),
            None => return refuse(StatusCode::BAD_REQUEST, format!("no user is called \"{name}\"")),
        },
        LogOut { username: None, sid: Some(sid) } => vec![sid],
        LogOut { .. } => return refuse(StatusCode::BAD_REQUEST, "give username or sid, one of them"),
    };
    listed(&notices::send(&app, logout::end(&app, &sids)).await).into_response()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Approval {
    client_id: String,
    tenant_id: String,
}

/// Answers when the application has been told.
pub(super) async fn approve(State(app): State<Shared>, Body(approval): Body<Approval>) -> Response {
    match approvals::approve(&app, &approval.client_id, &approval.tenant_id) {
        Ok(webhook) => listed(&notices::send(&app, webhook.into_iter().collect()).await).into_response(),
        Err(error) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
    }
}

pub(super) async fn withdraw(State(app): State<Shared>, Asked(approval): Asked<Approval>) -> Response {
    match approvals::withdraw(&app, &approval.client_id, &approval.tenant_id) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
    }
}

pub(super) async fn deliveries(State(app): State<Shared>) -> Json<Value> {
    listed(&app.deliveries.list())
}

fn listed(deliveries: &[Delivery]) -> Json<Value> {
    Json(json!({"count": deliveries.len(), "deliveries": deliveries}))
}

/// Answers when the application has been told again.
pub(super) async fn repeat(State(app): State<Shared>, Path(number): Path<u64>) -> Response {
    match notices::repeat(&app, number).await {
        Ok(delivery) => Json(delivery).into_response(),
        Err(error) => refused(&error),
    }
}
