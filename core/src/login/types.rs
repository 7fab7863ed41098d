//! The three application types whose users log in.

use super::app::{Kind, LoginApp};
use crate::error::Error;
use crate::registration::Registration;

macro_rules! application {
    ($(#[$doc:meta])* $name:ident, $kind:expr, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name(LoginApp);

        impl $name {
            /// Makes the application of its registration, refusing what its type may not have.
            pub fn new(registration: Registration) -> Result<Self, Error> {
                let check: fn(&Registration) -> Result<(), Error> = $check;
                check(&registration)?;
                LoginApp::new($kind, registration).map(Self)
            }
        }

        impl std::ops::Deref for $name {
            type Target = LoginApp;

            fn deref(&self) -> &LoginApp {
                &self.0
            }
        }

        impl From<$name> for LoginApp {
            fn from(application: $name) -> Self {
                application.0
            }
        }
    };
}

application! {
    /// A web application with a server of its own. With a secret it is a confidential client; without one, a public
    /// client that always uses PKCE (Visma Connect allows it).
    ///
    /// Errors: `client_id_missing`, `client_secret_missing` (an empty one), `redirect_uri_...`.
    WebApp, Kind::Web, |registration| match registration.client_secret {
        Some(_) => registration.check_confidential(Kind::Web.name()),
        None => registration.check(),
    }
}

application! {
    /// An application on the user's own device: a public client with PKCE, the system browser, and a loopback,
    /// claimed https or private-use redirect URI (RFC 8252).
    ///
    /// Errors: `client_id_missing`, `secret_for_public_client`, `redirect_uri_...`.
    NativeApp, Kind::Native, |registration| registration.check_public(Kind::Native.name())
}

application! {
    /// An application that runs in the browser: a public client with PKCE, for which no refresh token is expected.
    ///
    /// Errors: `client_id_missing`, `secret_for_public_client`, `redirect_uri_...`.
    SinglePageApp, Kind::SinglePage, |registration| registration.check_public(Kind::SinglePage.name())
}
