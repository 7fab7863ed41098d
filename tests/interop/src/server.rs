//! What is known of each server beforehand: the applications that were registered there, and its habits.

use crate::failure::{Failure, failure};

/// An application that is registered with the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Application {
    pub(crate) client_id: &'static str,
    pub(crate) secret: Option<&'static str>,
}

/// A kind of server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Server {
    pub(crate) service: Application,
    pub(crate) service_scopes: &'static [&'static str],
    pub(crate) web: Application,
    pub(crate) native: Application,
    pub(crate) login_scopes: &'static [&'static str],
    /// The error for a secret that is wrong.
    pub(crate) wrong_secret: &'static str,
}

// The secrets hold what has to be form-encoded in a Basic header (RFC 6749, section 2.3.1).
const SERVICE: Application = Application { client_id: "service", secret: Some("service:secret+100%25&more") };
const WEB: Application = Application { client_id: "web", secret: Some("web:secret+100%25&more") };
const NATIVE: Application = Application { client_id: "native", secret: None };

const OIDC_PROVIDER: Server = Server {
    service: SERVICE,
    service_scopes: &["api:read"],
    web: WEB,
    native: NATIVE,
    login_scopes: &["openid", "profile", "email", "offline_access", "api:read"],
    wrong_secret: "invalid_client",
};

const KEYCLOAK: Server = Server {
    service: SERVICE,
    service_scopes: &["email"],
    web: WEB,
    native: NATIVE,
    login_scopes: &["openid", "profile", "email", "offline_access"],
    // RFC 6749, section 5.2 has `invalid_client` for this.
    wrong_secret: "unauthorized_client",
};

impl Server {
    pub(crate) fn named(name: &str) -> Result<Self, Failure> {
        match name {
            "oidc-provider" => Ok(OIDC_PROVIDER),
            "keycloak" => Ok(KEYCLOAK),
            _ => Err(failure(format!("no server is called {name:?}"))),
        }
    }
}
