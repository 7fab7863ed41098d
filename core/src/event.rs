//! What happens to grants while nobody asks: for the application's own log, metrics and alarms.

use crate::error::Error;
use crate::session::SessionKey;
use crate::store::StoreFailure;
use crate::tenant::TenantChoice;
use crate::token::Generation;

/// Something that happened. Holds no secret.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// The server gave new tokens. Those of a session are saved; those of a service need not be.
    Refreshed {
        /// Whose.
        subject: Subject,
        /// Which rotation of the grant this is.
        generation: Generation,
    },
    /// The server gave new tokens, and the store did not take them: they are handed out, kept in memory, and saving is
    /// tried again. If this process ends before that, the session is lost with it.
    NotSaved {
        /// Whose.
        subject: Subject,
        /// Which rotation of the grant this is.
        generation: Generation,
        /// What the store said.
        failure: StoreFailure,
    },
    /// Tokens that the store had not taken are saved now.
    SavedLate {
        /// Whose.
        subject: Subject,
        /// Which rotation of the grant this is.
        generation: Generation,
    },
    /// There are no new tokens. The grant is kept, unless `SessionEnded` says otherwise.
    RefreshFailed {
        /// Whose.
        subject: Subject,
        /// Why.
        error: Error,
    },
    /// A refresh was answered for another user, client or login than the session's: an alarm. Nothing of the answer was
    /// kept, and the tokens that were there before still are.
    AnswerDiscarded {
        /// Whose session it was.
        subject: Subject,
        /// What was wrong with the answer.
        error: Error,
    },
    /// A session is over.
    SessionEnded {
        /// Which one.
        key: SessionKey,
        /// Why.
        why: EndReason,
    },
    /// The store failed at something else; nothing was deleted.
    StoreTrouble {
        /// Whose record it was about.
        subject: Subject,
        /// What the store said.
        failure: StoreFailure,
    },
}

/// Whose token it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Subject {
    /// A session's.
    Session(SessionKey),
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

/// Why a session ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndReason {
    /// The server no longer accepts its refresh token.
    RefusedByServer {
        /// The server's own code: `invalid_grant`, and at Visma Connect also `invalid_scope`.
        error: String,
    },
    /// An answer to a refresh was lost, and the server no longer accepts the old refresh token; or the registration
    /// says that it is not to be sent again.
    RefreshOutcomeUnknown,
    /// The application ended it.
    EndedByApplication,
}

impl EndReason {
    /// The stable name of this reason.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RefusedByServer { .. } => "refused_by_server",
            Self::RefreshOutcomeUnknown => "refresh_outcome_unknown",
            Self::EndedByApplication => "ended_by_application",
        }
    }
}

impl Event {
    /// The stable name of what happened.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Refreshed { .. } => "refreshed",
            Self::NotSaved { .. } => "not_saved",
            Self::SavedLate { .. } => "saved_late",
            Self::RefreshFailed { .. } => "refresh_failed",
            Self::AnswerDiscarded { .. } => "answer_discarded",
            Self::SessionEnded { .. } => "session_ended",
            Self::StoreTrouble { .. } => "store_trouble",
        }
    }
}
