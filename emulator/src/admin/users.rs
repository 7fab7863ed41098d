//! The users: listed without their passwords, added, changed, removed.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::JsonBody;
use super::{Problem, done, refused};
use crate::app_state::Shared;
use crate::config::{Secret, User};
use crate::control::{UserDetails, users};

#[derive(Serialize, ToSchema)]
pub(super) struct UserList {
    count: usize,
    users: Vec<ShownUser>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct ShownUser {
    /// What is typed into the login form; also the `email` claim.
    username: String,
    /// The `sub` claim.
    sub: String,
    /// The `name` claim.
    name: String,
    /// Ids of the tenants whose data this user can grant access to.
    tenants: Vec<String>,
    /// Whether a request for multi-factor authentication can be met.
    mfa: bool,
    /// One that was made, told once.
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<Secret>,
}

/// The users, without their passwords.
#[utoipa::path(
    get, path = "/admin/users", operation_id = "listUsers",
    responses(
        (status = 200, body = UserList, description = "As it is now"),
    )
)]
pub(super) async fn list(State(app): State<Shared>) -> Json<UserList> {
    let users: Vec<ShownUser> = app.config().users.iter().map(shown).collect();
    Json(UserList { count: users.len(), users })
}

fn shown(user: &User) -> ShownUser {
    let User { username, sub, name, tenants, mfa, password: _ } = user.clone();
    ShownUser { username, sub, name, tenants, mfa, password: None }
}

/// A new user. A password that was made is told this once.
#[utoipa::path(
    post, path = "/admin/users", operation_id = "addUser",
    request_body = UserDetails,
    responses(
        (status = 201, body = ShownUser, description = "What was made"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn add(State(app): State<Shared>, JsonBody(details): JsonBody<UserDetails>) -> Response {
    match users::add(&app, details) {
        Ok(added) => {
            let told = ShownUser { password: added.password, ..shown(&added.user) };
            (StatusCode::CREATED, Json(told)).into_response()
        }
        Err(error) => refused(&error),
    }
}

/// Changes a user.
#[utoipa::path(
    put, path = "/admin/users/{username}", operation_id = "changeUser",
    params(("username" = String, Path, description = "What is typed into the login form")),
    request_body = UserDetails,
    responses(
        (status = 200, body = ShownUser, description = "What became of it"),
        (status = 404, body = Problem, description = "There is none"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn change(
    State(app): State<Shared>,
    Path(username): Path<String>,
    JsonBody(details): JsonBody<UserDetails>,
) -> Response {
    match users::change(&app, &username, details) {
        Ok(user) => Json(shown(&user)).into_response(),
        Err(error) => refused(&error),
    }
}

/// Removes a user.
#[utoipa::path(
    delete, path = "/admin/users/{username}", operation_id = "removeUser",
    params(("username" = String, Path, description = "What is typed into the login form")),
    responses(
        (status = 204, description = "Done"),
        (status = 404, body = Problem, description = "There is none"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn remove(State(app): State<Shared>, Path(username): Path<String>) -> Response {
    done(users::remove(&app, &username))
}
