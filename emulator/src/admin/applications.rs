//! The registered applications: listed without their secrets, registered, changed, removed.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::ask::Body;
use super::{done, refuse, refused};
use crate::app_state::Shared;
use crate::config::{Application, Secret};
use crate::control::{ClientType, NewSecrets, applications};

pub(super) async fn list(State(app): State<Shared>) -> Json<Value> {
    let config = app.config();
    let applications: Vec<Value> = config.applications.iter().map(shown).collect();
    Json(json!({"count": applications.len(), "applications": applications}))
}

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

pub(super) async fn register(State(app): State<Shared>, Body(body): Body<Map<String, Value>>) -> Response {
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

pub(super) async fn change(
    State(app): State<Shared>,
    Path(client_id): Path<String>,
    Body(mut body): Body<Map<String, Value>>,
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

pub(super) async fn remove(State(app): State<Shared>, Path(client_id): Path<String>) -> Response {
    done(applications::remove(&app, &client_id))
}

pub(super) async fn new_secret(State(app): State<Shared>, Path(client_id): Path<String>) -> Response {
    match applications::new_secret(&app, &client_id) {
        Ok(secret) => {
            let told = json!({"client_id": client_id, "client_secret": secret.expose_secret()});
            (StatusCode::CREATED, Json(told)).into_response()
        }
        Err(error) => refused(&error),
    }
}
