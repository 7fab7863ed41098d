//! Who waits for an outcome, and for how long yet.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError, RwLock};

use futures_channel::oneshot;
use grantline_core::{CallId, Error, Millis, Misuse, Outcome};

use super::foreign;
use crate::mutex::lock;

/// The callers of a pump.
#[derive(Default)]
pub(super) struct Callers {
    /// Held for reading by each call that begins: it has its number before its caller stands here.
    beginning: RwLock<()>,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    waiting: HashMap<CallId, oneshot::Sender<Outcome>>,
    /// New calls are refused; what runs is given up at this moment.
    closed: Option<Millis>,
    given_up: bool,
}

impl Callers {
    /// When what runs is given up, once it was closed.
    pub(super) fn closed(&self) -> Option<Millis> {
        lock(&self.table).closed
    }

    /// Refuses new calls. Of two moments the earlier counts. True the first time.
    pub(super) fn close(&self, at: Millis) -> bool {
        let mut table = lock(&self.table);
        let earlier = table.closed.map_or(at, |before| before.min(at));
        table.closed.replace(earlier).is_none()
    }

    /// Begins a call, whose outcome arrives at the receiver.
    pub(super) fn begin(
        &self,
        begin: impl FnOnce() -> CallId,
    ) -> Result<(CallId, oneshot::Receiver<Outcome>), Error> {
        if self.closed().is_some() {
            return Err(Misuse::ClientClosed.into());
        }
        let (sender, receiver) = oneshot::channel();
        let beginning = self.beginning.read().unwrap_or_else(PoisonError::into_inner);
        let call = begin();
        let mut table = lock(&self.table);
        // Who comes after the end is told by the sender's own end.
        if !table.given_up {
            table.waiting.insert(call, sender);
        }
        drop(table);
        drop(beginning);
        Ok((call, receiver))
    }

    /// Hands the next outcome to its caller. False if there is none.
    pub(super) fn tell(&self, next: impl FnOnce() -> Option<(CallId, Outcome)>) -> bool {
        let mut table = lock(&self.table);
        // Taken with its caller: nobody is told to have been cancelled whose outcome is on its way.
        let Some((call, outcome)) = next() else { return false };
        let mut sender = table.waiting.remove(&call);
        drop(table);
        if sender.is_none() {
            // It was forgotten, or another thread is about to put it here.
            drop(self.beginning.write().unwrap_or_else(PoisonError::into_inner));
            sender = lock(&self.table).waiting.remove(&call);
        }
        if let Some(sender) = sender {
            foreign(|| drop(sender.send(outcome)));
        }
        true
    }

    /// Nobody waits for this call any more.
    pub(super) fn forget(&self, call: CallId) {
        // Taken out first: dropping the sender runs the caller's waker, which may come back here.
        let sender = lock(&self.table).waiting.remove(&call);
        drop(sender);
    }

    /// Tells whoever waits, or is about to, that it was cancelled.
    pub(super) fn give_up(&self) {
        let mut table = lock(&self.table);
        table.given_up = true;
        let waiting = std::mem::take(&mut table.waiting);
        drop(table);
        for sender in waiting.into_values() {
            foreign(|| drop(sender));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::thread;

    use futures_executor::block_on;
    use grantline_core::Engine;

    use super::super::tests::service_token;
    use super::*;
    use crate::{clock, entropy};

    fn call(engine: &Engine) -> CallId {
        engine.call(service_token(), entropy::seed().unwrap(), clock::now())
    }

    #[test]
    fn while_one_call_begins_others_begin_as_well() {
        let (callers, engine) = (Callers::default(), Engine::new());
        let begun = callers.begin(|| {
            let other = thread::scope(|scope| scope.spawn(|| callers.begin(|| call(&engine))).join());
            assert!(other.unwrap().is_ok());
            call(&engine)
        });
        assert!(begun.is_ok());
    }

    #[test]
    fn an_outcome_that_is_there_before_its_caller_is_not_lost() {
        let (callers, engine) = (Callers::default(), Engine::new());
        thread::scope(|scope| {
            let (taken, is_taken) = channel();
            let callers = &callers;
            let (_, receiver) = callers
                .begin(|| {
                    let id = call(&engine);
                    scope.spawn(move || {
                        callers.tell(|| {
                            taken.send(()).unwrap();
                            Some((id, Err(Error::Cancelled)))
                        })
                    });
                    is_taken.recv().unwrap();
                    id
                })
                .unwrap();
            assert!(matches!(block_on(receiver), Ok(Err(Error::Cancelled))));
        });
    }

    #[test]
    fn who_begins_while_all_is_given_up_is_told_so() {
        let (callers, engine) = (Callers::default(), Engine::new());
        let (_, receiver) = callers
            .begin(|| {
                callers.give_up();
                call(&engine)
            })
            .unwrap();
        assert!(block_on(receiver).is_err());
    }
}
