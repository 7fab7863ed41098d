//! Values of options, judged where the option is known by its name.

use grantline::{Scopes, SessionId, TenantChoice};

pub(crate) fn scope(text: &str) -> Result<String, String> {
    Scopes::list([text]).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

pub(crate) fn session(text: &str) -> Result<String, String> {
    SessionId::new(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

/// A customer, by UUID.
pub(crate) fn tenant(text: &str) -> Result<String, String> {
    TenantChoice::tenant(text).map(|_| text.to_owned()).map_err(|error| error.to_string())
}

/// Whose data a service's token is for.
pub(crate) fn tenant_choice(text: &str) -> Result<String, String> {
    match text {
        "default" | "none" => Ok(text.to_owned()),
        id => tenant(id),
    }
}
