//! What happens to grants while nobody asks.

use std::sync::Arc;

use grantline::{Notice, core};

use crate::cancel::{Cancellation, wait};
use crate::client::Client;
use crate::error::NativeError;
use crate::service::TenantChoice;

/// A listener. Each gets every event from its making on.
#[derive(Debug, uniffi::Object)]
pub struct Events(grantline::Events);

#[uniffi::export]
impl Client {
    /// What happens from now on to the tokens and sessions of this client.
    pub fn events(&self) -> Arc<Events> {
        Arc::new(Events(self.0.events()))
    }
}

#[uniffi::export]
impl Events {
    /// The next one; none when there will be no more, or when it was cancelled, by which no event is lost.
    pub async fn next(&self, cancellation: Option<Arc<Cancellation>>) -> Option<Event> {
        loop {
            match wait(self.0.next(), cancellation.clone()).await.unwrap_or_default()? {
                Notice::Missed(count) => return Some(Event::Missed { count }),
                Notice::Event(event) => {
                    if let Some(event) = Event::of(event) {
                        return Some(event);
                    }
                }
            }
        }
    }
}

/// Something that happened. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Event {
    /// The server gave new tokens; a session's are saved.
    Refreshed {
        /// Whose.
        subject: Subject,
        /// Which rotation of the grant this is.
        generation: u64,
    },
    /// The server gave new tokens, and the store did not take them.
    NotSaved {
        /// Whose.
        subject: Subject,
        /// Which rotation of the grant this is.
        generation: u64,
        /// What the store said.
        error: NativeError,
    },
    /// Tokens that the store had not taken are saved now.
    SavedLate {
        /// Whose.
        subject: Subject,
        /// Which rotation of the grant this is.
        generation: u64,
    },
    /// There are no new tokens.
    RefreshFailed {
        /// Whose.
        subject: Subject,
        /// Why.
        error: NativeError,
    },
    /// A refresh was answered for another user, client or login than the session's: an alarm.
    AnswerDiscarded {
        /// Whose session it was.
        subject: Subject,
        /// What was wrong with the answer.
        error: NativeError,
    },
    /// A session is over.
    SessionEnded {
        /// Which one.
        subject: Subject,
        /// The stable name of the reason: `refused_by_server`, `refresh_outcome_unknown`, `ended_by_application`.
        reason: String,
        /// The server's own code, if it refused.
        server_error: Option<String>,
    },
    /// The store failed at something else.
    StoreTrouble {
        /// Whose record it was about.
        subject: Subject,
        /// What the store said.
        error: NativeError,
    },
    /// This listener was too slow for so many events.
    Missed {
        /// How many.
        count: u64,
    },
}

/// Whose token it is about.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Subject {
    /// A session's.
    Session {
        /// The provider.
        issuer: String,
        /// The application.
        client_id: String,
        /// The session's name.
        session_id: String,
    },
    /// A service's.
    Service {
        /// The provider.
        issuer: String,
        /// The application.
        client_id: String,
        /// Whose data it is for.
        tenant: TenantChoice,
    },
}

impl Event {
    /// None for what this release cannot tell.
    fn of(event: core::Event) -> Option<Self> {
        Some(match event {
            core::Event::Refreshed { subject, generation } => {
                Self::Refreshed { subject: Subject::of(subject)?, generation: generation.0 }
            }
            core::Event::NotSaved { subject, generation, failure } => Self::NotSaved {
                subject: Subject::of(subject)?,
                generation: generation.0,
                error: grantline::Error::Store(failure).into(),
            },
            core::Event::SavedLate { subject, generation } => {
                Self::SavedLate { subject: Subject::of(subject)?, generation: generation.0 }
            }
            core::Event::RefreshFailed { subject, error } => {
                Self::RefreshFailed { subject: Subject::of(subject)?, error: error.into() }
            }
            core::Event::AnswerDiscarded { subject, error } => {
                Self::AnswerDiscarded { subject: Subject::of(subject)?, error: error.into() }
            }
            core::Event::SessionEnded { key, why } => Self::SessionEnded {
                reason: why.name().to_owned(),
                server_error: match why {
                    core::EndReason::RefusedByServer { error } => Some(error),
                    _ => None,
                },
                subject: Subject::of(core::Subject::Session(key))?,
            },
            core::Event::StoreTrouble { subject, failure } => Self::StoreTrouble {
                subject: Subject::of(subject)?,
                error: grantline::Error::Store(failure).into(),
            },
            _ => return None,
        })
    }
}

impl Subject {
    fn of(subject: core::Subject) -> Option<Self> {
        Some(match subject {
            core::Subject::Session(key) => Self::Session {
                issuer: key.issuer,
                client_id: key.client_id,
                session_id: key.session.to_string(),
            },
            core::Subject::Service { issuer, client_id, tenant } => {
                Self::Service { issuer, client_id, tenant: tenant.into() }
            }
            _ => return None,
        })
    }
}
