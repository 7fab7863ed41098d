//! The registered applications: listed without their secrets, registered, changed, removed.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::extract::JsonBody;
use super::openapi::{ApplicationDetails, ShownApplication};
use super::{Problem, done, refuse, refused};
use crate::app_state::Shared;
use crate::config::{Application, Secret};
use crate::control::{ClientType, NewSecrets, applications};

#[derive(Serialize, ToSchema)]
pub(super) struct ApplicationList {
    count: usize,
    #[schema(value_type = Vec<ShownApplication>)]
    applications: Vec<Value>,
}

#[derive(Serialize, ToSchema)]
pub(super) struct NewSecret {
    client_id: String,
    client_secret: Secret,
}

/// The applications, without their secrets.
#[utoipa::path(
    get, path = "/admin/applications", operation_id = "listApplications",
    responses(
        (status = 200, body = ApplicationList, description = "As it is now"),
    )
)]
pub(super) async fn list(State(app): State<Shared>) -> Json<ApplicationList> {
    let config = app.config();
    let applications: Vec<Value> = config.applications.iter().map(shown).collect();
    Json(ApplicationList { count: applications.len(), applications })
}

/// One application, without its secrets.
#[utoipa::path(
    get, path = "/admin/applications/{client_id}", operation_id = "readApplication",
    params(("client_id" = String, Path, description = "Its client_id")),
    responses(
        (status = 200, body = ShownApplication, description = "As it is now"),
        (status = 404, body = Problem, description = "There is none"),
    )
)]
pub(super) async fn one(State(app): State<Shared>, Path(client_id): Path<String>) -> Response {
    match app.config().application(&client_id) {
        Some(application) => Json(shown(application)).into_response(),
        None => refuse(StatusCode::NOT_FOUND, format!("there is no application \"{client_id}\"")),
    }
}

/// Every key of the configuration but the secrets; the same is taken back.
fn shown(application: &Application) -> Value {
    json!({
        "client_id": application.client_id,
        "name": application.name,
        "type": application.kind,
        "public": application.is_public(),
        "scopes": application.scopes,
        "approved_tenants": application.approved_tenants,
        "withdrawn_tenants": application.withdrawn_tenants,
        "default_tenant": application.default_tenant,
        "redirect_uris": application.redirect_uris,
        "allow_loopback_any_port": application.allow_loopback_any_port,
        "post_logout_redirect_uris": application.post_logout_redirect_uris,
        "allowed_origins": application.allowed_origins,
        "backchannel_logout_uri": application.backchannel_logout_uri,
        "webhook_url": application.webhook_url,
        "id_token_signed_response_alg": application.id_token_signed_response_alg,
        "consent": application.consent,
        "refresh": application.refresh,
        "grace_s": application.grace_s,
        "revoke_family_on_reuse": application.revoke_family_on_reuse,
        "access_token_s": application.access_token_s,
        "id_token_s": application.id_token_s,
        "code_s": application.code_s,
        "refresh_token_s": application.refresh_token_s,
        "refresh_token_absolute_s": application.refresh_token_absolute_s,
    })
}

/// Registers an application. Secrets that were made are told this once.
#[utoipa::path(
    post, path = "/admin/applications", operation_id = "registerApplication",
    request_body = ApplicationDetails,
    responses(
        (status = 201, body = ShownApplication, description = "What was made"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn register(
    State(app): State<Shared>,
    JsonBody(body): JsonBody<Map<String, Value>>,
) -> Response {
    let (application, client_type) = match asked_for(body) {
        Ok(asked) => asked,
        Err(problem) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, problem),
    };
    let client_id = application.client_id.clone();
    match applications::register(&app, application, client_type) {
        Ok(secrets) => (StatusCode::CREATED, Json(with_secrets(&app, &client_id, &secrets))).into_response(),
        Err(error) => refused(&error),
    }
}

/// Changes an application. A key that is left out goes back to its default, a secret stays as it is.
#[utoipa::path(
    put, path = "/admin/applications/{client_id}", operation_id = "changeApplication",
    params(("client_id" = String, Path, description = "Its client_id")),
    request_body = ApplicationDetails,
    responses(
        (status = 200, body = ShownApplication, description = "What became of it"),
        (status = 404, body = Problem, description = "There is none"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn change(
    State(app): State<Shared>,
    Path(client_id): Path<String>,
    JsonBody(mut body): JsonBody<Map<String, Value>>,
) -> Response {
    let named = body.entry("client_id").or_insert_with(|| client_id.as_str().into());
    if *named != client_id.as_str() {
        let problem = "a client_id stays as it is: register another application";
        return refuse(StatusCode::UNPROCESSABLE_ENTITY, problem);
    }
    let (application, client_type) = match asked_for(body) {
        Ok(asked) => asked,
        Err(problem) => return refuse(StatusCode::UNPROCESSABLE_ENTITY, problem),
    };
    match applications::change(&app, application, client_type) {
        Ok(secrets) => Json(with_secrets(&app, &client_id, &secrets)).into_response(),
        Err(error) => refused(&error),
    }
}

/// The keys of the configuration, and `public` for a client without a secret.
fn asked_for(mut body: Map<String, Value>) -> Result<(Application, ClientType), String> {
    let public = match body.remove("public") {
        None => None,
        Some(Value::Bool(public)) => Some(public),
        Some(other) => return Err(format!("public is {other}: give true or false")),
    };
    let application: Application =
        serde_json::from_value(Value::Object(body)).map_err(|error| error.to_string())?;
    let client_type = match public {
        None => ClientType::usual_for(application.kind),
        Some(true) => ClientType::Public,
        Some(false) => ClientType::Confidential,
    };
    Ok((application, client_type))
}

/// The application with the secrets that were made for it, which are told this once.
fn with_secrets(app: &Shared, client_id: &str, secrets: &NewSecrets) -> Value {
    let mut value = app.config().application(client_id).map(shown).unwrap_or_default();
    let made = [("client_secret", &secrets.client_secret), ("webhook_secret", &secrets.webhook_secret)];
    for (name, secret) in made.into_iter().filter_map(|(name, secret)| Some((name, secret.as_ref()?))) {
        value[name] = Secret::expose_secret(secret).into();
    }
    value
}

/// Removes an application.
#[utoipa::path(
    delete, path = "/admin/applications/{client_id}", operation_id = "removeApplication",
    params(("client_id" = String, Path, description = "Its client_id")),
    responses(
        (status = 204, description = "Done"),
        (status = 404, body = Problem, description = "There is none"),
        (status = 422, body = Problem, description = "A member is missing, unknown or wrong, or the whole would contradict itself"),
    )
)]
pub(super) async fn remove(State(app): State<Shared>, Path(client_id): Path<String>) -> Response {
    done(applications::remove(&app, &client_id))
}

/// A new client secret, told this once.
#[utoipa::path(
    post, path = "/admin/applications/{client_id}/secrets", operation_id = "newSecret",
    params(("client_id" = String, Path, description = "Its client_id")),
    responses(
        (status = 201, body = NewSecret, description = "What was made"),
        (status = 404, body = Problem, description = "There is none"),
        (status = 409, body = Problem, description = "It is public"),
    )
)]
pub(super) async fn new_secret(State(app): State<Shared>, Path(client_id): Path<String>) -> Response {
    match applications::new_secret(&app, &client_id) {
        Ok(secret) => {
            (StatusCode::CREATED, Json(NewSecret { client_id, client_secret: secret })).into_response()
        }
        Err(error) => refused(&error),
    }
}
