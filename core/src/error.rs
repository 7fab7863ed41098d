//! Errors: by whose fault, with a stable code, and with what to do.

mod clocks;
mod reasons;
mod samples;
mod server;
mod signed;

use std::borrow::Cow;
use std::time::Duration;

pub use clocks::ClockDifference;
pub use reasons::{Misuse, Reason, Unsupported, Violation, catalogue};
pub use samples::samples;
pub use server::{Endpoint, ServerError};
pub use signed::SignedToken;

use crate::http::{HttpFailure, HttpFailureKind, Sent};
use crate::store::StoreFailure;

/// Every way in which an operation can fail.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server refused, in its own words.
    #[error("{0}")]
    Server(Box<ServerError>),
    /// What arrived breaks a named rule: from the server, or from whoever sent the callback.
    #[error("{0} ({source})", source = .0.source())]
    Violation(Violation),
    /// No usable response came.
    #[error("{0}")]
    Transport(Transport),
    /// The provider or this build does not offer what was asked for.
    #[error("{0} ({source})", source = .0.source())]
    Unsupported(Unsupported),
    /// The application asked for something that is not allowed; nothing was sent.
    #[error("{0} ({source})", source = .0.source())]
    Misuse(Misuse),
    /// A session is over, or there is none.
    #[error("{0}")]
    Session(SessionError),
    /// A login failed at the exchange of its code or after it. A callback is handled once (RFC 9700 section 4.2.4), also
    /// where its code never left: only a new login can help, whatever the cause advises.
    #[error("{0}. The login is over with that, since its callback is handled only once: begin a new login")]
    LoginSpent(Box<Error>),
    /// A refresh was answered for another user, client or login. Nothing of the answer was kept: the tokens that were
    /// there before are still there, although the server may have spent the refresh token.
    #[error("{0}. Nothing of the refresh's answer was kept: find out whom the provider took for whom")]
    AnswerDiscarded(Box<Error>),
    /// The provider was in trouble the last times it was asked, and is left alone for a while. Nothing was sent.
    #[error(
        "nothing was sent: {issuer} is in trouble, and left alone for {after:?}. Its last failure: {cause}"
    )]
    Resting {
        /// The provider.
        issuer: String,
        /// For how long yet.
        after: Duration,
        /// What happened last.
        cause: Box<Error>,
    },
    /// The store did not do its part. Nothing was deleted.
    #[error("{0}")]
    Store(StoreFailure),
    /// The caller, or the closing of the client, ended it.
    #[error("the operation was cancelled before it ended")]
    Cancelled,
    /// A fault in this library.
    #[error("grantline broke a rule of its own: {0}")]
    Internal(&'static str),
}

/// The codes of ours that are no reason of the catalogue.
const OUTSIDE_THE_CATALOGUE: [&str; 22] = [
    "body_too_large",
    "cancelled",
    "connect_failed",
    "connection_lost",
    "dns_failed",
    "internal",
    "no_refresh_token",
    "not_http",
    "not_performed",
    "provider_resting",
    "refresh_outcome_unknown",
    "server_refused",
    "session_ended",
    "session_unknown",
    "store_damaged",
    "store_denied",
    "store_full",
    "store_misbehaved",
    "store_too_new",
    "store_unavailable",
    "timed_out",
    "tls_failed",
];

/// Who has to act for it to work next time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The server refused by its rules.
    ServerRefused,
    /// The server, or the sender of a callback, misbehaved.
    ServerMisbehaved,
    /// The network.
    Transport,
    /// Something that is not offered.
    Unsupported,
    /// The application.
    Misuse,
    /// The session store.
    Store,
    /// Nobody: it was cancelled.
    Cancelled,
    /// This library.
    Internal,
}

/// What the application should do about an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// Try again, not before `after` if the server named a time.
    Retry {
        /// How long to wait.
        after: Option<Duration>,
    },
    /// The user has to log in again.
    LogInAgain,
    /// Somebody with rights at the provider has to act: the customer's administrator, or the portal.
    AskAdministrator,
    /// Change the application's configuration or code; trying again does not help.
    FixConfiguration,
    /// Report it: to the provider if the server misbehaved, to us if it is internal.
    ReportBug,
}

impl Advice {
    /// The stable name of this advice.
    pub fn name(self) -> &'static str {
        match self {
            Self::Retry { .. } => "retry",
            Self::LogInAgain => "log_in_again",
            Self::AskAdministrator => "ask_administrator",
            Self::FixConfiguration => "fix_configuration",
            Self::ReportBug => "report_bug",
        }
    }
}

impl Fault {
    /// The stable name of this fault.
    pub fn name(self) -> &'static str {
        match self {
            Self::ServerRefused => "server_refused",
            Self::ServerMisbehaved => "server_misbehaved",
            Self::Transport => "transport",
            Self::Unsupported => "unsupported",
            Self::Misuse => "misuse",
            Self::Store => "store",
            Self::Cancelled => "cancelled",
            Self::Internal => "internal",
        }
    }
}

/// A request without a usable response, and where it was going.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} ({to}){arrived}: {detail}", what = words(.failure.kind), arrived = arrived(.failure.sent), detail = .failure.detail)]
pub struct Transport {
    /// The URL without its query.
    pub to: String,
    /// What the performer reported.
    pub failure: HttpFailure,
}

fn words(kind: HttpFailureKind) -> &'static str {
    match kind {
        HttpFailureKind::Dns => "the server's name was not resolved",
        HttpFailureKind::Connect => "no connection to the server",
        HttpFailureKind::Tls => "the TLS handshake with the server failed",
        HttpFailureKind::TimedOut => "the server did not answer in time",
        HttpFailureKind::ConnectionLost => "the connection broke before the response was complete",
        HttpFailureKind::BodyTooLarge => "the response is longer than 1 MiB",
        HttpFailureKind::NotHttp => "what answered does not speak HTTP",
        HttpFailureKind::NotPerformed => "the request was not performed",
    }
}

fn arrived(sent: Sent) -> &'static str {
    match sent {
        Sent::CertainlyNot => "; nothing was sent",
        Sent::Maybe => "; the request may have arrived",
    }
}

impl Transport {
    /// No endpoint has a secret in its query, and no message needs it.
    pub(crate) fn new(url: &str, failure: HttpFailure) -> Self {
        let to = url.split('?').next().unwrap_or_default().to_owned();
        Self { to, failure }
    }

    fn code(&self) -> &'static str {
        match self.failure.kind {
            HttpFailureKind::Dns => "dns_failed",
            HttpFailureKind::Connect => "connect_failed",
            HttpFailureKind::Tls => "tls_failed",
            HttpFailureKind::TimedOut => "timed_out",
            HttpFailureKind::ConnectionLost => "connection_lost",
            HttpFailureKind::BodyTooLarge => "body_too_large",
            HttpFailureKind::NotHttp => "not_http",
            HttpFailureKind::NotPerformed => "not_performed",
        }
    }

    fn advice(&self) -> Advice {
        match self.failure.kind {
            HttpFailureKind::Tls | HttpFailureKind::NotHttp => Advice::FixConfiguration,
            HttpFailureKind::BodyTooLarge => Advice::ReportBug,
            _ => Advice::Retry { after: None },
        }
    }
}

/// Why there is no session to take a token from. Each of these asks for a new login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The store knows no session of that name.
    #[error("there is no session of this name: log the user in")]
    Unknown,
    /// The session ended. The store does not keep by whom: this application, another process that shares the store, or the
    /// server, which no longer accepts its refresh token.
    #[error(
        "this session was ended, by this application (end, a logout), by another place that shares its store, or since the server no longer accepts its refresh token: log the user in again"
    )]
    Ended,
    /// As `Ended`, after a refresh whose answer was lost.
    #[error("the session has ended after a refresh whose answer was lost: log the user in again")]
    RefreshOutcomeUnknown,
    /// Another access token is needed or was asked for, and the server gave no refresh token.
    #[error(
        "the access token has ended or was to be replaced, and the server gave no refresh token with it: log the user in again, with the scope offline_access if the session should last"
    )]
    NoRefreshToken,
}

impl SessionError {
    fn code(self) -> &'static str {
        match self {
            Self::Unknown => "session_unknown",
            Self::Ended => "session_ended",
            Self::RefreshOutcomeUnknown => "refresh_outcome_unknown",
            Self::NoRefreshToken => "no_refresh_token",
        }
    }
}

impl Error {
    /// A stable name for this failure. For [`Error::Server`] it is the server's own `error` value, if that is one
    /// plain word and none of ours; otherwise `server_refused`.
    pub fn code(&self) -> Cow<'_, str> {
        match self {
            Self::Server(error) => Cow::Borrowed(error.code()),
            Self::LoginSpent(cause) | Self::AnswerDiscarded(cause) => cause.code(),
            Self::Violation(reason) => Cow::Borrowed(reason.code()),
            Self::Transport(transport) => Cow::Borrowed(transport.code()),
            Self::Unsupported(reason) => Cow::Borrowed(reason.code()),
            Self::Misuse(reason) => Cow::Borrowed(reason.code()),
            Self::Session(reason) => Cow::Borrowed(reason.code()),
            Self::Resting { .. } => Cow::Borrowed("provider_resting"),
            Self::Store(failure) => Cow::Borrowed(failure.kind.code()),
            Self::Cancelled => Cow::Borrowed("cancelled"),
            Self::Internal(_) => Cow::Borrowed("internal"),
        }
    }

    /// By whose fault it failed.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Server(_) | Self::Session(_) => Fault::ServerRefused,
            Self::LoginSpent(cause) | Self::AnswerDiscarded(cause) | Self::Resting { cause, .. } => {
                cause.fault()
            }
            Self::Violation(_) => Fault::ServerMisbehaved,
            Self::Transport(_) => Fault::Transport,
            Self::Unsupported(_) => Fault::Unsupported,
            Self::Misuse(_) => Fault::Misuse,
            Self::Store(_) => Fault::Store,
            Self::Cancelled => Fault::Cancelled,
            Self::Internal(_) => Fault::Internal,
        }
    }

    /// What to do about it.
    pub fn advice(&self) -> Advice {
        match self {
            Self::Server(error) => error.advice,
            Self::Violation(reason) => reason.advice(),
            Self::Transport(transport) => transport.advice(),
            Self::Unsupported(_) | Self::Misuse(_) => Advice::FixConfiguration,
            Self::Session(_) | Self::LoginSpent(_) => Advice::LogInAgain,
            Self::Resting { after, .. } => Advice::Retry { after: Some(*after) },
            Self::Store(failure) => failure.advice(),
            Self::Cancelled => Advice::Retry { after: None },
            Self::AnswerDiscarded(_) | Self::Internal(_) => Advice::ReportBug,
        }
    }

    /// Whether the request behind this failure can have had its effect although its answer is lost: on the way, at
    /// a gateway, or because it cannot be read.
    pub(crate) fn outcome_unknown(&self) -> bool {
        match self {
            Self::Transport(transport) => transport.failure.sent == Sent::Maybe,
            Self::Violation(Violation::ServerUnavailable { status, after }) => match status {
                429 | 501 | 505 | 511 => false,
                // Of a server that does not take the request, if it names a time; else perhaps of a gateway that has
                // lost the answer.
                503 => after.is_none(),
                _ => true,
            },
            Self::Violation(violation) => violation.spoils_a_success(),
            Self::Server(refusal) => matches!(refusal.status, Some(502 | 504)),
            _ => false,
        }
    }

    /// RFC 9110 section 15.6.4.
    pub(crate) fn is_service_unavailable(&self) -> bool {
        matches!(self, Self::Violation(Violation::ServerUnavailable { status: 503, .. }))
    }

    /// Whether the request behind this failure was never begun.
    pub(crate) fn was_not_begun(&self) -> bool {
        match self {
            Self::Transport(Transport { failure, .. }) => failure.was_not_begun(),
            _ => false,
        }
    }

    /// This failure of a request whose answer was lost, unless the request that repeated it was answered: what is known
    /// of the first is not forgotten for a second that did not get through.
    pub(crate) fn unless_answered(self, again: Self) -> Self {
        if matches!(again, Self::Server(_)) { again } else { self }
    }

    /// This failure of a login whose code was sent, or was to be.
    pub(crate) fn after_the_code(self) -> Self {
        match self.advice() {
            Advice::Retry { .. } => Self::LoginSpent(Box::new(self)),
            _ => self,
        }
    }

    pub(crate) fn broken(rule: &'static str) -> Self {
        Self::Internal(rule)
    }
}

impl From<Violation> for Error {
    fn from(reason: Violation) -> Self {
        Self::Violation(reason)
    }
}

impl From<Misuse> for Error {
    fn from(reason: Misuse) -> Self {
        Self::Misuse(reason)
    }
}

impl From<Unsupported> for Error {
    fn from(reason: Unsupported) -> Self {
        Self::Unsupported(reason)
    }
}
