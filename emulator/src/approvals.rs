//! A tenant approves an application, and the Developer Portal tells that application.
//!
//! Documented are the event's name, the tenant's id in it, and the signature: HMAC-SHA-256 of the raw body, base64, in a
//! header field. The field's name and the other members are this emulator's assumption.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::app_state::AppState;
use crate::config::{Application, ApplicationType, Secret};
use crate::faults::{FaultKind, WebhookFault};
use crate::notices::{Notice, NoticeKind};
use crate::random;

const SIGNATURE_FIELD: &str = "x-visma-signature";

const EVENT: &str = "tenant_application_added";

/// Why a tenant did not approve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// No such service.
    #[error("no application \"{0}\" of type service: name one of the configuration")]
    Application(String),
    /// No such tenant.
    #[error("no tenant has the id \"{0}\": name one of the configuration")]
    Tenant(String),
}

/// From now on the application gets tokens for the tenant: the webhook that tells it so, if it has one.
pub(crate) fn approve(
    app: &AppState,
    client_id: &str,
    tenant_id: &str,
) -> Result<Option<Notice>, ApprovalError> {
    let service = app.config.application(client_id).filter(|known| known.kind == ApplicationType::Service);
    let application = service.ok_or_else(|| ApprovalError::Application(client_id.to_owned()))?;
    app.config.tenant_name(tenant_id).ok_or_else(|| ApprovalError::Tenant(tenant_id.to_owned()))?;
    app.state().approvals.insert((client_id.to_owned(), tenant_id.to_owned()));
    Ok(webhook(app, application, tenant_id))
}

/// Whether the tenant approved the application, from the start or since.
pub(crate) fn is_approved(app: &AppState, application: &Application, tenant_id: &str) -> bool {
    application.approved_tenants.iter().any(|id| id == tenant_id)
        || app.state().approvals.contains(&(application.client_id.clone(), tenant_id.to_owned()))
}

fn webhook(app: &AppState, application: &Application, tenant_id: &str) -> Option<Notice> {
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
