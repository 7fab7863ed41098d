//! Sessions that end, tenants that approve, and what applications were told of it.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::refuse;
use crate::app_state::Shared;
use crate::notices::{self, Delivery};
use crate::{approvals, logout};

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
pub(super) async fn log_out(
    State(app): State<Shared>,
    whom: Result<Json<LogOut>, JsonRejection>,
) -> Response {
    let sids = match whom {
        Ok(Json(LogOut { username: Some(name), sid: None })) => match app.config.user(&name) {
            Some(user) => logout::sessions_of(&app, &user.sub),
            None => return refuse(StatusCode::BAD_REQUEST, format!("no user is called \"{name}\"")),
        },
        Ok(Json(LogOut { username: None, sid: Some(sid) })) => vec![sid],
        Ok(Json(_)) => return refuse(StatusCode::BAD_REQUEST, "give username or sid, one of them"),
        Err(rejection) => return refuse(rejection.status(), rejection.body_text()),
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
pub(super) async fn approve(
    State(app): State<Shared>,
    approval: Result<Json<Approval>, JsonRejection>,
) -> Response {
    let Approval { client_id, tenant_id } = match approval {
        Ok(Json(approval)) => approval,
        Err(rejection) => return refuse(rejection.status(), rejection.body_text()),
    };
    match approvals::approve(&app, &client_id, &tenant_id) {
        Ok(webhook) => listed(&notices::send(&app, webhook.into_iter().collect()).await).into_response(),
        Err(error) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
    }
}

pub(super) async fn deliveries(State(app): State<Shared>) -> Json<Value> {
    listed(&app.deliveries.list())
}

fn listed(deliveries: &[Delivery]) -> Json<Value> {
    Json(json!({"count": deliveries.len(), "deliveries": deliveries}))
}
