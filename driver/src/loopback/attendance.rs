//! The login from the open port to its outcome.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::select;
use grantline_core::{Binding, Callback, Error, PendingLogin, Violation};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use super::server::serve;
use super::site::Site;
use crate::apps::{LoggedIn, Login};
use crate::pump::End;

/// How long the port stays open for a browser that was sent on to the page with the outcome. It comes at once, or never.
const LINGER: Duration = Duration::from_secs(2);

/// A callback that is this login's own, and how it came.
pub(super) enum Answer {
    Delivered(Callback),
    Pasted(Callback),
}

/// Everything that a login in the system's browser waits for.
pub(super) struct Attendance {
    pub(super) login: Login,
    pub(super) pending: PendingLogin,
    pub(super) site: Arc<Site>,
    pub(super) answered: mpsc::Receiver<Answer>,
    /// Ends when the login was cancelled, or nobody has a handle of it any more.
    pub(super) gone: oneshot::Receiver<()>,
    pub(super) client_end: watch::Receiver<Option<End>>,
    pub(super) limit: Duration,
}

impl Attendance {
    /// Goes on by itself. The ports are closed before the outcome is told.
    pub(super) fn begin(
        self,
        listeners: Vec<TcpListener>,
        runtime: &Handle,
    ) -> watch::Receiver<Option<Result<LoggedIn, Error>>> {
        let (sender, receiver) = watch::channel(None);
        runtime.spawn(async move {
            let outcome = self.run(listeners).await;
            sender.send_replace(Some(outcome));
        });
        receiver
    }

    /// A login that has its outcome keeps it, whatever ends its wait for the page.
    async fn run(self, listeners: Vec<TcpListener>) -> Result<LoggedIn, Error> {
        let Self { login, pending, site, mut answered, gone, mut client_end, limit } = self;
        let mut serving = pin!(serve(listeners, Arc::clone(&site)));
        let mut ended = pin!(async { drop(select(gone, pin!(client_end.wait_for(Option::is_some))).await) });
        let (outcome, in_browser) = tokio::select! {
            biased;
            done = log_in(&login, pending, &mut answered, limit) => done,
            () = &mut ended => return Err(Error::Cancelled),
            never = &mut serving => match never {},
        };
        site.tell(&outcome);
        if in_browser {
            tokio::select! {
                _ = timeout(LINGER, site.shown()) => {}
                () = &mut ended => {}
                never = &mut serving => match never {},
            }
        }
        outcome
    }
}

/// Its outcome, and whether a browser waits to show it.
async fn log_in(
    login: &Login,
    pending: PendingLogin,
    answered: &mut mpsc::Receiver<Answer>,
    limit: Duration,
) -> (Result<LoggedIn, Error>, bool) {
    let (callback, in_browser) = match timeout(limit, answered.recv()).await {
        Err(_) => return (Err(Violation::LoginTimedOut { limit }.into()), false),
        Ok(None) => return (Err(Error::Cancelled), false),
        Ok(Some(Answer::Delivered(callback))) => (callback, true),
        Ok(Some(Answer::Pasted(callback))) => (callback, false),
    };
    (login.complete(pending, callback, Binding::DangerousUnbound).await, in_browser)
}
