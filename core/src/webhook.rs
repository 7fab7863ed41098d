//! Webhooks of Visma's Developer Portal: signed notices about what happens to an application.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value};
use sha2::Sha256;

use crate::error::{Error, Misuse, Violation};
use crate::jose::object;
use crate::secret::SecretText;

/// The longest body that is read.
const LONGEST_BODY: usize = 1024 * 1024;

/// What the portal tells.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum WebhookEvent {
    /// `tenant_application_added`: the administrator of a customer approved the application, which may ask for service
    /// tokens of this tenant from now on, or a minute or two later.
    TenantApplicationAdded {
        /// The customer.
        tenant_id: String,
        /// The whole notice.
        members: Map<String, Value>,
    },
    /// Something that this release does not know.
    Other {
        /// Its name, if it has one.
        name: Option<String>,
        /// The whole notice.
        members: Map<String, Value>,
    },
}

impl WebhookEvent {
    /// Verifies that a notice came from the portal, and reads it. The signature is compared in constant time.
    ///
    /// `secret`: of the webhook, from the portal. `body`: byte for byte as it arrived. `signature`: the header's value, the
    /// HMAC-SHA256 of the body (RFC 2104), in base64.
    /// Errors: `webhook_secret_missing`, `webhook_signature_invalid`, `webhook_malformed`. Source: Visma Developer Portal, webhooks. The names of the
    /// members are taken as the portal is known to write names; they are read leniently.
    pub fn verify(secret: &SecretText, body: &[u8], signature: &str) -> Result<Self, Error> {
        // Anybody can sign with an empty one: a setting that is not there must not open the door.
        if secret.expose_secret().trim().is_empty() {
            return Err(Misuse::WebhookSecretMissing.into());
        }
        let invalid = || Violation::WebhookSignatureInvalid;
        if body.len() > LONGEST_BODY {
            return Err(Violation::WebhookMalformed.into());
        }
        let signature = STANDARD.decode(signature.trim()).map_err(|_| invalid())?;
        let mac = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()).map_err(|_| invalid())?;
        mac.chain_update(body).verify_slice(&signature).map_err(|_| invalid())?;
        Ok(Self::read(object(body).ok_or(Violation::WebhookMalformed)?)?)
    }

    fn read(members: Map<String, Value>) -> Result<Self, Violation> {
        let name = text(&members, &["event", "event_type", "eventType", "type", "name"]);
        match name.as_deref() {
            Some("tenant_application_added") => {
                let data = ["data", "payload"].iter().find_map(|name| members.get(*name)?.as_object());
                let in_data = data.and_then(|data| text(data, &["tenant_id", "tenantId"]));
                let tenant_id = in_data.or_else(|| text(&members, &["tenant_id", "tenantId"]));
                let tenant_id = tenant_id.ok_or(Violation::WebhookMalformed)?;
                Ok(Self::TenantApplicationAdded { tenant_id, members })
            }
            _ => Ok(Self::Other { name, members }),
        }
    }
}

fn text(members: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| members.get(*name)?.as_str()).map(str::to_owned)
}
