//! How a login in the system's browser goes about it.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use grantline_core::{Error, Misuse};

/// A pending login is good for no longer.
const LONGEST: Duration = Duration::from_secs(600);

/// Opens a browser at a URL.
pub(super) type Opener = Arc<dyn Fn(&str) -> io::Result<()> + Send + Sync>;

/// Shows a URL to the user.
pub(super) type ShowUrl = Arc<dyn Fn(&str) + Send + Sync>;

/// Settings of a login in the system's browser. The default is right for most: 5 minutes, the port of the redirect URI
/// or any free one, the system's browser, a page in English.
#[derive(Clone)]
pub struct BrowserLoginOptions {
    pub(super) time_limit: Duration,
    pub(super) port: Option<u16>,
    pub(super) browser: Browser,
    pub(super) show_url: Option<ShowUrl>,
    pub(super) done: Option<LoginPage>,
    pub(super) failed: Option<LoginPage>,
}

/// Who opens the browser.
#[derive(Clone)]
pub(super) enum Browser {
    System,
    Own(Opener),
    None,
}

impl Default for BrowserLoginOptions {
    fn default() -> Self {
        Self {
            time_limit: Duration::from_secs(300),
            port: None,
            browser: Browser::System,
            show_url: None,
            done: None,
            failed: None,
        }
    }
}

impl BrowserLoginOptions {
    /// How long to wait for the user to come back; 10 minutes at most.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// The port to listen on, instead of the redirect URI's; 0 for any free one. The provider has to accept it: by
    /// RFC 8252 section 7.3 it accepts any on `127.0.0.1` and `[::1]`, and some want that turned on.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Opens the browser by this function, on a thread of its own, instead of the system's way. It never opens the URL
    /// inside the application (RFC 8252 section 8.12).
    #[must_use]
    pub fn open_with(mut self, open: impl Fn(&str) -> io::Result<()> + Send + Sync + 'static) -> Self {
        self.browser = Browser::Own(Arc::new(open));
        self
    }

    /// Opens no browser: the user is shown the URL.
    #[must_use]
    pub fn without_browser(mut self) -> Self {
        self.browser = Browser::None;
        self
    }

    /// What shows the URL to the user where no browser could be opened, for
    /// [`NativeApp::log_in_with_browser`](crate::NativeApp::log_in_with_browser), instead of a line on standard error. It
    /// is called by whoever waits. An application whose standard error nobody reads needs it.
    #[must_use]
    pub fn show_url(mut self, show: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.show_url = Some(Arc::new(show));
        self
    }

    /// The page that the browser shows when the user is logged in.
    #[must_use]
    pub fn done_page(mut self, page: LoginPage) -> Self {
        self.done = Some(page);
        self
    }

    /// The page that the browser shows when the login failed, for whatever reason.
    #[must_use]
    pub fn failed_page(mut self, page: LoginPage) -> Self {
        self.failed = Some(page);
        self
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        if self.time_limit <= LONGEST {
            return Ok(());
        }
        let why = format!("a login is good for {LONGEST:?}, and {:?} was given", self.time_limit);
        Err(Misuse::InvalidClientSetting { setting: "time_limit", why }.into())
    }
}

/// Without the functions.
impl fmt::Debug for BrowserLoginOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowserLoginOptions")
            .field("time_limit", &self.time_limit)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// A page of the application's own. It is shown under a policy that lets it load nothing: no script, and no style,
/// picture or font but what stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginPage(pub(super) Content);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Text { language: String, title: String, message: String },
    Html(String),
}

impl LoginPage {
    /// A title and a message as plain text, in grantline's own layout.
    ///
    /// `language`: a BCP 47 tag, such as `nb`.
    pub fn text(language: impl Into<String>, title: impl Into<String>, message: impl Into<String>) -> Self {
        Self(Content::Text { language: language.into(), title: title.into(), message: message.into() })
    }

    /// A whole HTML document in UTF-8, sent as it is: what is put into it has to be escaped before.
    pub fn html(document: impl Into<String>) -> Self {
        Self(Content::Html(document.into()))
    }
}
