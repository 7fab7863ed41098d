//! Logins: what travels between the browser and the application, and the application types with users.

mod app;
mod browser;
mod identity;
mod request;

use std::sync::Arc;

use grantline::SecretText;

pub use app::{LoggedIn, NativeApp, SinglePageApp, WebApp};
pub use browser::{BrowserLogin, BrowserLoginOptions, LoginPage};
pub use identity::{IdTokenClaims, IdTokenExpectations, JsonValue};
pub use request::{LoginParameter, LoginRequest, Prompt, ResponseMode};

use crate::error::NativeError;

/// A login that has begun.
#[derive(Debug, uniffi::Object)]
pub struct BegunLogin(grantline::BegunLogin);

#[uniffi::export]
impl BegunLogin {
    /// Where the browser goes.
    pub fn url(&self) -> String {
        self.0.url.clone()
    }

    /// What to keep until the callback comes.
    pub fn pending(&self) -> PendingLogin {
        PendingLogin(self.0.pending.clone())
    }

    /// The cookie for the browser, of a web application.
    pub fn binding(&self) -> Option<Arc<BrowserBinding>> {
        self.0.binding.clone().map(|binding| Arc::new(BrowserBinding(binding)))
    }
}

/// A login that has begun and whose record is in the client's store.
#[derive(Debug, uniffi::Object)]
pub struct StoredLogin(grantline::StoredLogin);

#[uniffi::export]
impl StoredLogin {
    /// Where the browser goes.
    pub fn url(&self) -> String {
        self.0.url.clone()
    }

    /// The cookie for the browser, of a web application.
    pub fn binding(&self) -> Option<Arc<BrowserBinding>> {
        self.0.binding.clone().map(|binding| Arc::new(BrowserBinding(binding)))
    }

    /// Until when the callback has to come, in milliseconds since 1970.
    pub fn expires_at_ms(&self) -> u64 {
        self.0.expires_at.0
    }
}

/// A login in progress. It holds the proof key.
#[derive(Debug, uniffi::Object)]
pub struct PendingLogin(grantline::PendingLogin);

#[uniffi::export]
impl PendingLogin {
    /// Reads a record that `to_record` wrote.
    #[uniffi::constructor]
    pub fn from_record(record: &str) -> Result<Self, NativeError> {
        Ok(Self(grantline::PendingLogin::from_record(record)?))
    }

    /// The record to keep, as JSON text. A secret.
    pub fn to_record(&self) -> Result<String, NativeError> {
        Ok(expose(&self.0.to_record()?))
    }

    /// The `state` parameter.
    pub fn state(&self) -> String {
        self.0.state().to_owned()
    }

    /// When it stops being good, in milliseconds since 1970.
    pub fn expires_at_ms(&self) -> u64 {
        self.0.expires_at().0
    }

    /// The redirect URI of this login.
    pub fn redirect_uri(&self) -> String {
        self.0.redirect_uri().to_owned()
    }
}

/// The cookie that ties a browser to the login that it began.
#[derive(Debug, uniffi::Object)]
pub struct BrowserBinding(grantline::BrowserBinding);

#[uniffi::export]
impl BrowserBinding {
    /// The cookie's name.
    pub fn cookie_name(&self) -> String {
        self.0.cookie_name().to_owned()
    }

    /// The cookie's value.
    pub fn expose_value(&self) -> String {
        self.0.expose_value().to_owned()
    }

    /// The whole `Set-Cookie` header value.
    pub fn set_cookie(&self) -> String {
        expose(&self.0.set_cookie())
    }
}

/// What the browser that brought the callback shows of its binding.
#[derive(Debug, uniffi::Object)]
pub struct Binding(grantline::Binding);

#[uniffi::export]
impl Binding {
    /// The `Cookie` header as it came.
    #[uniffi::constructor]
    pub fn cookie_header(header: String) -> Self {
        Self(grantline::Binding::cookie_header(header))
    }

    /// The value of the binding's cookie.
    #[uniffi::constructor]
    pub fn cookie_value(value: String) -> Self {
        Self(grantline::Binding::cookie_value(value))
    }

    /// No check.
    #[uniffi::constructor]
    pub fn dangerous_unbound() -> Self {
        Self(grantline::Binding::DangerousUnbound)
    }
}

/// What came back from the browser, as it came. Its name keeps clear of JNA's `Callback`.
#[derive(Debug, uniffi::Object)]
pub struct LoginCallback(pub(crate) grantline::Callback);

#[uniffi::export]
impl LoginCallback {
    /// The whole URL.
    #[uniffi::constructor]
    pub fn url(url: String) -> Self {
        Self(grantline::Callback::url(url))
    }

    /// The raw query string.
    #[uniffi::constructor]
    pub fn query(query: String) -> Self {
        Self(grantline::Callback::query(query))
    }

    /// The raw body of a `form_post`.
    #[uniffi::constructor]
    pub fn form_post(body: String) -> Self {
        Self(grantline::Callback::form_post(body))
    }

    /// The state that it names. Nothing is checked yet.
    pub fn state(&self) -> Option<String> {
        self.0.state()
    }
}

fn expose(secret: &SecretText) -> String {
    secret.expose_secret().to_owned()
}
