//! Webhooks of Visma's Developer Portal.

use std::collections::HashMap;
use std::sync::Arc;

use grantline::SecretText;
use serde_json::{Map, Value};

use crate::error::NativeError;
use crate::login::JsonValue;

/// What the portal tells.
#[derive(Debug, uniffi::Object)]
pub struct WebhookEvent {
    name: Option<String>,
    tenant_id: Option<String>,
    members: Map<String, Value>,
}

#[uniffi::export]
impl WebhookEvent {
    /// What happened.
    pub fn name(&self) -> Option<String> {
        self.name.clone()
    }

    /// The customer who approved the application, if that happened.
    pub fn tenant_id(&self) -> Option<String> {
        self.tenant_id.clone()
    }

    /// The whole notice.
    pub fn members(&self) -> HashMap<String, JsonValue> {
        JsonValue::members(&self.members)
    }
}

/// Verifies that a notice came from the portal, and reads it.
#[allow(clippy::needless_pass_by_value, reason = "a slice would be a direct `ByteBuffer` in Kotlin")]
#[uniffi::export]
pub fn verify_webhook(
    secret: String,
    body: Vec<u8>,
    signature: &str,
) -> Result<Arc<WebhookEvent>, NativeError> {
    use grantline::WebhookEvent::{Other, TenantApplicationAdded};
    let (name, tenant_id, members) =
        match grantline::WebhookEvent::verify(&SecretText::new(secret), &body, signature)? {
            TenantApplicationAdded { tenant_id, members } => {
                (Some("tenant_application_added".to_owned()), Some(tenant_id), members)
            }
            Other { name, members } => (name, None, members),
            _ => return Err(grantline::Error::Internal("the portal told something unknown").into()),
        };
    Ok(Arc::new(WebhookEvent { name, tenant_id, members }))
}
