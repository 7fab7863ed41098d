//! Webhooks of Visma's Developer Portal.

use grantline::SecretText;
use pyo3::prelude::*;
use serde_json::{Map, Value};

use crate::error::raised;
use crate::json;

/// What the portal tells of an application.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct WebhookEvent {
    /// What happened: `tenant_application_added`, or something that this release does not know, as the portal names it.
    #[pyo3(get)]
    name: Option<String>,
    /// With `tenant_application_added`, the customer whose administrator approved the application, which may ask for service
    /// tokens of this tenant from now on, or a minute or two later; `None` with anything else.
    #[pyo3(get)]
    tenant_id: Option<String>,
    members: Map<String, Value>,
}

#[pymethods]
impl WebhookEvent {
    /// The whole notice, as a new dictionary.
    #[getter]
    fn members<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::loaded(py, &Value::Object(self.members.clone()))
    }

    fn __repr__(&self) -> String {
        let name = self.name.as_deref().unwrap_or("without a name");
        match &self.tenant_id {
            Some(tenant) => format!("<grantline.WebhookEvent {name} tenant_id={tenant:?}>"),
            None => format!("<grantline.WebhookEvent {name}>"),
        }
    }
}

/// Verifies that a notice came from the portal, and reads it. The signature is compared in constant time.
///
/// `secret`: of the webhook, from the portal. `body`: byte for byte as it arrived. `signature`: the header's value, the
/// HMAC-SHA256 of the body in base64; empty if there was none.
///
/// Raises `ServerMisbehaved` (`webhook_signature_invalid`, `webhook_malformed`).
#[pyfunction]
pub(crate) fn verify_webhook(secret: String, body: &[u8], signature: &str) -> PyResult<WebhookEvent> {
    use grantline::WebhookEvent::{Other, TenantApplicationAdded};
    let event = grantline::WebhookEvent::verify(&SecretText::new(secret), body, signature).map_err(raised)?;
    Ok(match event {
        TenantApplicationAdded { tenant_id, members } => WebhookEvent {
            name: Some("tenant_application_added".to_owned()),
            tenant_id: Some(tenant_id),
            members,
        },
        Other { name, members } => WebhookEvent { name, tenant_id: None, members },
        _ => {
            return Err(raised(grantline::Error::Internal(
                "the portal told something that Python does not know",
            )));
        }
    })
}
