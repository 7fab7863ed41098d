//! The registered applications, without their secrets.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::app_state::{AppState, Shared};
use crate::approvals;
use crate::config::Application;

pub(super) async fn list(State(app): State<Shared>) -> Json<Value> {
    let applications: Vec<Value> =
        app.config.applications.iter().map(|application| shown(&app, application)).collect();
    Json(json!({"count": applications.len(), "applications": applications}))
}

fn shown(app: &AppState, application: &Application) -> Value {
    let tenants = app.config.tenants.iter().map(|tenant| &tenant.id);
    let approved = tenants.filter(|id| approvals::is_approved(app, application, id));
    json!({
        "client_id": application.client_id,
        "name": application.name,
        "type": application.kind,
        "public": application.is_public(),
        "scopes": application.scopes,
        "approved_tenants": approved.collect::<Vec<_>>(),
        "default_tenant": application.default_tenant,
        "redirect_uris": application.redirect_uris,
        "post_logout_redirect_uris": application.post_logout_redirect_uris,
        "allowed_origins": application.allowed_origins,
        "backchannel_logout_uri": application.backchannel_logout_uri,
        "webhook_url": application.webhook_url,
        "id_token_signed_response_alg": application.id_token_signed_response_alg,
    })
}
