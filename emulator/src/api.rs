//! A small protected API for trying tokens on.

use axum::Json;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::bearer;
use crate::visit::Visit;

const SCOPE: &str = "visma_api:read";

/// The invoices of the token's tenant; needs the scope `visma_api:read`.
pub(crate) async fn invoices(visit: Visit, headers: HeaderMap) -> Response {
    match bearer::authorize(&visit, &headers, SCOPE) {
        Ok(token) => answer(&visit, &token).into_response(),
        Err(refusal) => bearer::refuse(&visit, &refusal),
    }
}

fn answer(visit: &Visit, token: &Value) -> Json<Value> {
    let tenant = &token["tenant_id"];
    let name = tenant.as_str().and_then(|id| visit.config.tenant_name(id));
    Json(json!({
        "tenant_id": tenant,
        "tenant_name": name,
        "client_id": token["client_id"],
        "invoices": [
            {"number": 1001, "customer": "Harbour Hotel", "amount": "1250.00", "currency": "NOK"},
            {"number": 1002, "customer": "Ski School", "amount": "480.50", "currency": "NOK"},
        ],
    }))
}
