//! A login in the system's browser.

use std::sync::Arc;
use std::time::Duration;

use super::app::{LoggedIn, NativeApp};
use super::request::LoginRequest;
use crate::cancel::{Cancellation, wait};
use crate::error::NativeError;

/// A page of the application's own.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum LoginPage {
    /// Plain text.
    Text {
        /// A BCP 47 tag.
        language: String,
        /// The title.
        title: String,
        /// The message.
        message: String,
    },
    /// A whole HTML document.
    Html {
        /// The document.
        document: String,
    },
}

/// How a login in the system's browser goes about it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct BrowserLoginOptions {
    /// How long to wait for the user, in milliseconds.
    #[uniffi(default)]
    pub time_limit_ms: Option<u64>,
    /// The port to listen on; 0 for any free one.
    #[uniffi(default)]
    pub port: Option<u16>,
    /// Whether the system's browser is opened.
    #[uniffi(default = true)]
    pub open_browser: bool,
    /// The page of a login that succeeded.
    #[uniffi(default)]
    pub done_page: Option<LoginPage>,
    /// The page of a login that failed.
    #[uniffi(default)]
    pub failed_page: Option<LoginPage>,
}

/// A login that waits for its user in the system's browser.
#[derive(Debug, uniffi::Object)]
pub struct BrowserLogin(grantline::BrowserLogin);

#[uniffi::export]
impl BrowserLogin {
    /// Where the browser goes.
    pub fn url(&self) -> String {
        self.0.url().to_owned()
    }

    /// Whether a browser was opened, once that is known.
    pub async fn browser_opened(&self, cancellation: Option<Arc<Cancellation>>) -> Result<bool, NativeError> {
        Ok(wait(self.0.browser_opened(), cancellation).await?)
    }

    /// Takes the URL that the user copied from the browser's address bar.
    pub fn paste(&self, redirected_url: &str) -> Result<(), NativeError> {
        Ok(self.0.paste(redirected_url)?)
    }

    /// Ends the login.
    pub fn cancel(&self) {
        self.0.cancel();
    }

    /// Waits for the session.
    pub async fn outcome(&self, cancellation: Option<Arc<Cancellation>>) -> Result<LoggedIn, NativeError> {
        Ok(wait(self.0.outcome(), cancellation).await?.into())
    }
}

#[uniffi::export]
impl NativeApp {
    /// Begins a login in the system's browser.
    pub async fn begin_browser_login(
        &self,
        request: LoginRequest,
        options: BrowserLoginOptions,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<BrowserLogin, NativeError> {
        let call = self.0.begin_browser_login(request.try_into()?, options.into());
        Ok(BrowserLogin(wait(call, cancellation).await?))
    }
}

impl From<BrowserLoginOptions> for grantline::BrowserLoginOptions {
    fn from(asked: BrowserLoginOptions) -> Self {
        let mut options = Self::default();
        if let Some(limit) = asked.time_limit_ms {
            options = options.time_limit(Duration::from_millis(limit));
        }
        if let Some(port) = asked.port {
            options = options.port(port);
        }
        if !asked.open_browser {
            options = options.without_browser();
        }
        if let Some(page) = asked.done_page {
            options = options.done_page(page.into());
        }
        if let Some(page) = asked.failed_page {
            options = options.failed_page(page.into());
        }
        options
    }
}

impl From<LoginPage> for grantline::LoginPage {
    fn from(page: LoginPage) -> Self {
        match page {
            LoginPage::Text { language, title, message } => Self::text(language, title, message),
            LoginPage::Html { document } => Self::html(document),
        }
    }
}
