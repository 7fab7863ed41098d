//! Effects: the few generic things that a flow asks its caller to do.

use std::time::Duration;

use crate::http::{HttpFailure, HttpFailureKind, HttpReply, HttpRequest, Sent};
use crate::store::{StoreFailure, StoreFailureKind, StoreReply, StoreRequest};

/// How old a decision may be when it is carried out.
pub(crate) const TIME_TO_BEGIN: Duration = Duration::from_secs(2);

/// Something to be done outside; the flow goes on with the [`Reply`] of the same kind.
///
/// Signing with a key that core never sees joins these with its first flow.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Send one HTTP request, once. The reply is [`Reply::Http`].
    Http(HttpRequest),
    /// One operation on the session store. The reply is [`Reply::Store`].
    Store(StoreRequest),
    /// Wait this long. The reply is [`Reply::Slept`]. An [`Engine`](crate::Engine) sees to it by itself.
    Sleep(Duration),
}

/// The answer to an [`Effect`], or the start of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reply {
    /// Starts a flow: the reply to nothing.
    Start,
    /// What became of [`Effect::Http`].
    Http(HttpReply),
    /// What became of [`Effect::Store`].
    Store(StoreReply),
    /// [`Effect::Sleep`] is over.
    Slept,
}

/// The kinds of effect, for telling whether a reply fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Start,
    Http,
    Store,
    Sleep,
}

impl Effect {
    /// The reply of whoever cannot perform this effect, or does not know it: nothing was sent, nothing was changed.
    ///
    /// `detail`: why, for a person. It must hold no secret.
    pub fn declined(&self, detail: &str) -> Reply {
        let detail = detail.to_owned();
        match self {
            Self::Http(_) => {
                let (kind, sent) = (HttpFailureKind::NotPerformed, Sent::CertainlyNot);
                Reply::Http(Err(HttpFailure { kind, sent, detail }))
            }
            Self::Store(_) => {
                let failure = StoreFailure::new(StoreFailureKind::Unavailable, detail);
                Reply::Store(StoreReply::Failed(failure))
            }
            Self::Sleep(_) => Reply::Slept,
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Http(_) => Kind::Http,
            Self::Store(_) => Kind::Store,
            Self::Sleep(_) => Kind::Sleep,
        }
    }
}

impl Reply {
    /// The kind of effect that this answers.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Start => Kind::Start,
            Self::Http(_) => Kind::Http,
            Self::Store(_) => Kind::Store,
            Self::Slept => Kind::Sleep,
        }
    }
}
