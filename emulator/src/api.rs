//! A small protected API for trying tokens on.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde_json::{Value, json};

use crate::app_state::Shared;
use crate::bearer::{self, BearerError};

const SCOPE: &str = "visma_api:read";

/// The invoices of the token's tenant; needs the scope `visma_api:read`.
pub(crate) async fn invoices(
    State(app): State<Shared>,
    headers: HeaderMap,
) -> Result<Json<Value>, BearerError> {
    let token = bearer::authorize(&app, &headers, SCOPE)?;
    let tenant = &token["tenant_id"];
    let name = tenant.as_str().and_then(|id| app.config.tenant_name(id));
    Ok(Json(json!({
        "tenant_id": tenant,
        "tenant_name": name,
        "client_id": token["client_id"],
        "invoices": [
            {"number": 1001, "customer": "Harbour Hotel", "amount": "1250.00", "currency": "NOK"},
            {"number": 1002, "customer": "Ski School", "amount": "480.50", "currency": "NOK"},
        ],
    })))
}
