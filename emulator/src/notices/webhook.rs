//! The webhook by which the Developer Portal tells a service that a tenant approved it.
//!
//! Documented are the event's name, the tenant's id in it, and the signature: HMAC-SHA-256 of the raw body, base64, in a
//! header field. The field's name and the other members are this emulator's assumption.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{Notice, NoticeKind};
use crate::app_state::AppState;
use crate::config::{Application, Secret};
use crate::faults::{FaultKind, WebhookFault};
use crate::random;

const SIGNATURE_FIELD: &str = "x-visma-signature";

const EVENT: &str = "tenant_application_added";

/// `None` for a service that has no webhook.
pub(crate) fn of_approval(app: &AppState, application: &Application, tenant_id: &str) -> Option<Notice> {
    let (url, secret) = application.webhook_url.clone().zip(application.webhook_secret.as_ref())?;
    let event = json!({
        "id": random::uuid(),
        "event": EVENT,
        "timestamp": app.clock.now_s(),
        "client_id": application.client_id,
        "tenant_id": tenant_id,
    });
    let mut body = event.to_string().into_bytes();
    let fault = app.faults.take(None, Some(&application.client_id), |kind| match kind {
        FaultKind::Webhook(fault) => Some(*fault),
        _ => None,
    });
    let signature = match fault {
        Some(WebhookFault::NoSignature) => None,
        Some(WebhookFault::WrongSignature) => Some(signature(&Secret::new(random::identifier()), &body)),
        Some(WebhookFault::AlteredBody) | None => Some(signature(secret, &body)),
    };
    if fault == Some(WebhookFault::AlteredBody) {
        body.push(b' ');
    }
    Some(Notice {
        kind: NoticeKind::Webhook,
        client_id: application.client_id.clone(),
        url,
        content_type: "application/json",
        field: signature.map(|signature| (SIGNATURE_FIELD, signature)),
        body,
    })
}

fn signature(secret: &Secret, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
    STANDARD.encode(hmac::sign(&key, body))
}
