//! Sessions and their end, tenants that approve and withdraw, and what applications were told of it.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::extract::{JsonBody, QueryParams};
use super::{Problem, refuse, refused};
use crate::app_state::Shared;
use crate::control::approvals;
use crate::logout;
use crate::notices::{self, Delivery};
use crate::state::SessionReport;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SessionsQuery {
    /// Only those of this user.
    username: Option<String>,
    /// Only those in which this client got tokens.
    client_id: Option<String>,
}

/// Sessions, oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct SessionList {
    count: usize,
    sessions: Vec<SessionReport>,
}

/// The sessions that are not over.
#[utoipa::path(
    get, path = "/admin/sessions", operation_id = "listSessions",
    params(SessionsQuery),
    responses(
        (status = 200, body = SessionList, description = "As it is now"),
        (status = 400, body = Problem, description = "No such user"),
    )
)]
pub(super) async fn list(
    State(app): State<Shared>,
    QueryParams(query): QueryParams<SessionsQuery>,
) -> Response {
    let sub = match query.username.as_ref().map(|name| app.config().user(name).map(|user| user.sub.clone())) {
        Some(None) => return no_user(query.username.as_deref().unwrap_or("")),
        sub => sub.flatten(),
    };
    let sessions = app.sessions(|session| {
        sub.as_ref().is_none_or(|sub| *sub == session.sub)
            && query.client_id.as_ref().is_none_or(|client_id| session.client_ids.contains(client_id))
    });
    Json(SessionList { count: sessions.len(), sessions }).into_response()
}

fn no_user(name: &str) -> Response {
    refuse(StatusCode::BAD_REQUEST, format!("no user is called \"{name}\""))
}

/// One of two ways to say which sessions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LogOut {
    /// All of this user's.
    username: Option<String>,
    /// The one of this `sid`.
    sid: Option<String>,
}

/// Ends sessions. Answers when the applications have been told.
#[utoipa::path(
    post, path = "/admin/logouts", operation_id = "logOut",
    request_body = LogOut,
    responses(
        (status = 200, body = DeliveryList, description = "What became of it"),
        (status = 400, body = Problem, description = "No such user, or neither of the two ways, or both"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn log_out(State(app): State<Shared>, JsonBody(whom): JsonBody<LogOut>) -> Response {
    let sids = match whom {
        LogOut { username: Some(name), sid: None } => match app.config().user(&name) {
            Some(user) => logout::sessions_of(&app, &user.sub),
            None => return no_user(&name),
        },
        LogOut { username: None, sid: Some(sid) } => vec![sid],
        LogOut { .. } => return refuse(StatusCode::BAD_REQUEST, "give username or sid, one of them"),
    };
    app.keys.made().await;
    listed(notices::send(&app, logout::end(&app, &sids)).await).into_response()
}

#[derive(Deserialize, IntoParams, ToSchema)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Approval {
    /// The service.
    client_id: String,
    /// The tenant.
    tenant_id: String,
}

/// A tenant approves a service. Answers when the application has been told.
#[utoipa::path(
    post, path = "/admin/approvals", operation_id = "approve",
    request_body = Approval,
    responses(
        (status = 200, body = DeliveryList, description = "What became of it"),
        (status = 400, body = Problem, description = "No such service or tenant"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn approve(State(app): State<Shared>, JsonBody(approval): JsonBody<Approval>) -> Response {
    match approvals::approve(&app, &approval.client_id, &approval.tenant_id) {
        Ok(webhook) => listed(notices::send(&app, webhook.into_iter().collect()).await).into_response(),
        Err(error) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
    }
}

/// A tenant withdraws its approval of a service.
#[utoipa::path(
    delete, path = "/admin/approvals", operation_id = "withdraw",
    params(Approval),
    responses(
        (status = 204, description = "Done"),
        (status = 400, body = Problem, description = "No such service or tenant, or no approval"),
    )
)]
pub(super) async fn withdraw(
    State(app): State<Shared>,
    QueryParams(approval): QueryParams<Approval>,
) -> Response {
    match approvals::withdraw(&app, &approval.client_id, &approval.tenant_id) {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => refuse(StatusCode::BAD_REQUEST, error.to_string()),
    }
}

/// Messages to applications, in the order in which first attempts ended.
#[derive(Serialize, ToSchema)]
pub(super) struct DeliveryList {
    count: usize,
    deliveries: Vec<Delivery>,
}

/// What applications were told.
#[utoipa::path(
    get, path = "/admin/deliveries", operation_id = "listDeliveries",
    responses(
        (status = 200, body = DeliveryList, description = "As it is now"),
    )
)]
pub(super) async fn deliveries(State(app): State<Shared>) -> Json<DeliveryList> {
    listed(app.deliveries.list())
}

fn listed(deliveries: Vec<Delivery>) -> Json<DeliveryList> {
    Json(DeliveryList { count: deliveries.len(), deliveries })
}

/// Sends a message again. Answers when the application has been told.
#[utoipa::path(
    post, path = "/admin/deliveries/{number}/repeat", operation_id = "repeatDelivery",
    params(("number" = u64, Path, description = "Its number, from 1")),
    responses(
        (status = 200, body = Delivery, description = "What became of it"),
        (status = 404, body = Problem, description = "There is none"),
    )
)]
pub(super) async fn repeat(State(app): State<Shared>, Path(number): Path<u64>) -> Response {
    match notices::repeat(&app, number).await {
        Ok(delivery) => Json(delivery).into_response(),
        Err(error) => refused(&error),
    }
}
