//! HTTP performed by the application: it asks for work, and replies.

use std::sync::{Mutex, PoisonError};

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt as _;
use grantline_core::{Effect, EffectId, HttpRequest, Millis};

use crate::clock;

/// One thing for the application's HTTP client to do.
#[derive(Debug)]
pub enum HttpWork {
    /// Send the request once and report what became of it, by [`Client::reply_http`](crate::Client::reply_http).
    Perform {
        /// Goes back with the reply.
        id: EffectId,
        /// What to send. Its documentation is the contract.
        request: HttpRequest,
        /// The latest moment to begin, on the clock that counts suspend.
        deadline: Millis,
    },
    /// Nobody waits for this request any more: give it up.
    Cancel {
        /// Which one.
        id: EffectId,
    },
}

/// The queue between the pump and the application.
pub(crate) struct Outside {
    sender: Mutex<UnboundedSender<HttpWork>>,
    receiver: futures_util::lock::Mutex<UnboundedReceiver<HttpWork>>,
}

impl Outside {
    pub(crate) fn new() -> Self {
        let (sender, receiver) = unbounded();
        Self { sender: Mutex::new(sender), receiver: futures_util::lock::Mutex::new(receiver) }
    }

    /// False after [`Self::close`]: nobody performs anything any more.
    pub(crate) fn push(&self, work: HttpWork) -> bool {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).unbounded_send(work).is_ok()
    }

    /// The next thing to do; `None` after [`Self::close`]. What waited here beyond its deadline is given to `too_late`.
    pub(crate) async fn next(&self, too_late: impl Fn(EffectId, Effect)) -> Option<HttpWork> {
        loop {
            match self.receiver.lock().await.next().await? {
                HttpWork::Perform { id, request, deadline } if deadline <= clock::now().boot => {
                    too_late(id, Effect::Http(request));
                }
                work => return Some(work),
            }
        }
    }

    /// Lets the application's loop end.
    pub(crate) fn close(&self) {
        self.sender.lock().unwrap_or_else(PoisonError::into_inner).close_channel();
    }
}
