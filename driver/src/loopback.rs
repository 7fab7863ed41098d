//! A login in the system's browser, whose answer comes to a listener on loopback (RFC 8252 section 7.3).
//!
//! Everything here runs on grantline's own thread: the listener, its connections, the time limit. A caller's runtime
//! may stand still, or end.

mod address;
mod attendance;
mod browser;
mod options;
mod page;
mod server;
mod site;
#[cfg(test)]
mod tests;

use std::io::{self, Write as _};
use std::sync::{Arc, Mutex};

use grantline_core::{
    BegunLogin, Callback, Error, Judgement, LoginRequest, Misuse, PendingLogin, ResponseMode, Violation,
};
use tokio::sync::{mpsc, oneshot, watch};

use crate::apps::{LoggedIn, Login};
use crate::call::Call;
use crate::fork::Owned;
use crate::mutex::lock;
use crate::runtime;
use address::Door;
use attendance::{Answer, Attendance};
use browser::Opened;
pub use options::{BrowserLoginOptions, LoginPage};
use site::Site;

/// A login that waits for its user in the system's browser.
///
/// It ends when the user comes back, by [`Self::cancel`], at its time limit, and when its last clone and the last call of
/// [`Self::outcome`] are dropped. Its port is free again before the outcome is known. A forked child has no part in it.
///
/// ```
/// # fn main() -> Result<(), grantline::Error> {
/// use grantline::{BrowserLoginOptions, Client, LoginRequest, Provider, Registration, Scopes};
///
/// let registration = Registration::new(Provider::visma_connect(), "isv_desktop")
///     .redirect_uri("http://127.0.0.1/callback");
/// let app = Client::new()?.native_app(registration)?;
///
/// let request = LoginRequest::new(Scopes::list(["openid", "offline_access", "visma_api:read"])?);
/// let options = BrowserLoginOptions::default().without_browser(); // for this example: none is opened
/// let login = app.begin_browser_login(request, options).wait()?;
/// assert!(!login.browser_opened().wait()?);
/// println!("open {} in a browser", login.url());
///
/// // `login.outcome().wait()?` is the session, once the user has logged in. Here nobody does.
/// login.cancel();
/// assert_eq!(login.outcome().wait().unwrap_err().code(), "cancelled");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct BrowserLogin {
    url: Arc<str>,
    held: Arc<Owned<Held>>,
}

/// What keeps the login going, until it is dropped.
struct Held {
    login: Login,
    pending: PendingLogin,
    answers: mpsc::Sender<Answer>,
    outcome: watch::Receiver<Option<Result<LoggedIn, Error>>>,
    opened: watch::Receiver<Option<Opened>>,
    /// The login goes on for as long as this is there.
    going: Mutex<Option<oneshot::Sender<()>>>,
}

/// Opens the listener, then begins the login, then opens the browser.
pub(crate) fn begin(
    login: &Login,
    request: LoginRequest,
    options: BrowserLoginOptions,
) -> Call<BrowserLogin> {
    let prepared = options.check().and_then(|()| Door::open(login.redirect_uris(), &request, options.port));
    let door = match prepared {
        Ok(door) => door,
        Err(refused) => return Call::known(Err(refused)),
    };
    let login = login.clone();
    let begun = login.begin(request.redirect_uri(&door.redirect_uri));
    Call::of(async move { BrowserLogin::start(login, door, begun.await?, options) })
}

/// A login from its start to its outcome.
pub(crate) fn log_in(login: &Login, request: LoginRequest, options: BrowserLoginOptions) -> Call<LoggedIn> {
    let show_url = options.show_url.clone();
    let begun = begin(login, request, options);
    Call::of(async move {
        let login = begun.await?;
        if !login.browser_opened().await? {
            match show_url {
                Some(show) => show(login.url()),
                None => login.print_url().await?,
            }
        }
        login.outcome().await
    })
}

impl BrowserLogin {
    fn start(
        login: Login,
        door: Door,
        begun: BegunLogin,
        options: BrowserLoginOptions,
    ) -> Result<Self, Error> {
        if begun.pending.response_mode() != ResponseMode::Query {
            return Err(Misuse::ResponseModeNotQuery.into());
        }
        let runtime = runtime::shared()?;
        let client_end = login.end()?;
        let (answers, answered) = mpsc::channel(1);
        let (going, gone) = oneshot::channel();
        let place = door.place();
        let listeners = door.listeners_on(&runtime)?;
        let site =
            Arc::new(Site::new(place, login.clone(), begun.pending.clone(), answers.clone(), &options));
        let attendance = Attendance {
            login: login.clone(),
            pending: begun.pending.clone(),
            site,
            answered,
            gone,
            client_end,
            limit: options.time_limit,
        };
        let outcome = attendance.begin(listeners, &runtime);
        let opened = browser::open(options.browser, &begun.url, &runtime);
        let going = Mutex::new(Some(going));
        let held = Held { login, pending: begun.pending, answers, outcome, opened, going };
        Ok(Self { url: begun.url.into(), held: Arc::new(Owned::new(held)) })
    }

    /// Where the browser goes: to be shown to the user where no browser could be opened. A secret of this user's.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether a browser was opened, once that is known: within a few seconds. A program that opens it and does not
    /// return counts as a browser that is open.
    ///
    /// Errors: `cancelled`, in a forked child.
    pub fn browser_opened(&self) -> Call<bool> {
        let login = self.clone();
        Call::of(async move { Ok(login.opened().await?.is_ok()) })
    }

    /// As [`Self::browser_opened`], for who cannot do without.
    ///
    /// Errors: `browser_not_opened`; `cancelled`, in a forked child.
    pub fn require_browser(&self) -> Call<()> {
        let login = self.clone();
        Call::of(async move { login.opened().await?.map_err(|why| Misuse::BrowserNotOpened { why }.into()) })
    }

    /// Takes the URL that the user copied from the browser's address bar: over SSH the browser is on another machine,
    /// and finds nobody at the redirect URI.
    ///
    /// `redirected_url`: as it was copied; space, quotes and angle brackets around it are ignored.
    /// Errors: a violation, after which the login waits on and the user may be asked again: `pasted_no_callback`, if it is
    /// no such URL or not the whole of it; any other, if it is not this login's answer; `cancelled`, in a forked child.
    pub fn paste(&self, redirected_url: &str) -> Result<(), Error> {
        let held = self.held.get().ok_or(Error::Cancelled)?;
        let callback = Callback::url(without_wrapping(redirected_url));
        match held.login.judge(&held.pending, &callback) {
            Judgement::Foreign(refused) | Judgement::Own(Err(refused @ Error::Violation(_))) => {
                Err(as_pasted(refused, held.pending.redirect_uri()))
            }
            Judgement::Own(_) => {
                // Where an answer has come already, that one counts.
                let _ = held.answers.try_send(Answer::Pasted(callback));
                Ok(())
            }
        }
    }

    /// Ends the login. Its outcome is `cancelled`, unless it has one.
    pub fn cancel(&self) {
        if let Some(held) = self.held.get() {
            lock(&held.going).take();
        }
    }

    /// Waits for the session. It may be asked for more than once.
    ///
    /// Errors: `login_timed_out`, when nobody came back in time; the server's refusal that the browser brought, such as
    /// `access_denied`; those of [`NativeApp::complete_login`](crate::NativeApp::complete_login); `cancelled`.
    pub fn outcome(&self) -> Call<LoggedIn> {
        let login = self.clone();
        Call::of(async move {
            let held = login.held.get().ok_or(Error::Cancelled)?;
            let mut outcome = held.outcome.clone();
            let known = outcome.wait_for(Option::is_some).await.map_or(None, |outcome| outcome.clone());
            known.unwrap_or(Err(Error::Cancelled))
        })
    }

    /// On standard error. Where even that cannot be written to, nobody would ever come back.
    async fn print_url(&self) -> Result<(), Error> {
        let line = format!("Open this URL in a browser to log in: {}\n", self.url);
        if io::stderr().write_all(line.as_bytes()).is_err() {
            return self.require_browser().await;
        }
        Ok(())
    }

    async fn opened(&self) -> Result<Opened, Error> {
        let held = self.held.get().ok_or(Error::Cancelled)?;
        let mut opened = held.opened.clone();
        let known = opened.wait_for(Option::is_some).await.map_or(None, |opened| opened.clone());
        known.ok_or(Error::Cancelled)
    }
}

/// A URL without what terminals, chats and people put around it.
fn without_wrapping(pasted: &str) -> &str {
    let wraps =
        |c: char| c.is_whitespace() || "\"'`<>\u{201c}\u{201d}\u{2018}\u{2019}\u{ab}\u{bb}".contains(c);
    pasted.trim_matches(wraps)
}

/// Why what was pasted cannot be this login's answer, in words for who pasted it.
fn as_pasted(refused: Error, redirect_uri: &str) -> Error {
    match refused {
        Error::Violation(Violation::StateMissing | Violation::CodeMissing) => {
            Violation::PastedNoCallback { redirect_uri: redirect_uri.to_owned() }.into()
        }
        other => other,
    }
}

/// Without the URL, whose query holds state and nonce.
impl std::fmt::Debug for BrowserLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let redirect_uri = self.held.get().map(|held| held.pending.redirect_uri());
        f.debug_struct("BrowserLogin").field("redirect_uri", &redirect_uri).finish_non_exhaustive()
    }
}
