//! The users: listed without their passwords, added, changed, removed.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::ask::Body;
use super::{done, refused};
use crate::app_state::Shared;
use crate::config::User;
use crate::control::{UserDetails, users};

pub(super) async fn list(State(app): State<Shared>) -> Json<Value> {
    let config = app.config();
    let users: Vec<Value> = config.users.iter().map(shown).collect();
    Json(json!({"count": users.len(), "users": users}))
}

fn shown(user: &User) -> Value {
    json!({
        "username": user.username,
        "sub": user.sub,
        "name": user.name,
        "tenants": user.tenants,
        "mfa": user.mfa,
    })
}

/// A password that was made is told this once.
pub(super) async fn add(State(app): State<Shared>, Body(details): Body<UserDetails>) -> Response {
    match users::add(&app, details) {
        Ok(added) => {
            let mut told = shown(&added.user);
            if let Some(password) = &added.password {
                told["password"] = password.expose_secret().into();
            }
            (StatusCode::CREATED, Json(told)).into_response()
        }
        Err(error) => refused(&error),
    }
}

pub(super) async fn change(
    State(app): State<Shared>,
    Path(username): Path<String>,
    Body(details): Body<UserDetails>,
) -> Response {
    match users::change(&app, &username, details) {
        Ok(user) => Json(shown(&user)).into_response(),
        Err(error) => refused(&error),
    }
}

pub(super) async fn remove(State(app): State<Shared>, Path(username): Path<String>) -> Response {
    done(users::remove(&app, &username))
}
