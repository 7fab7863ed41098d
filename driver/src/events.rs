//! What happens to grants, told to whoever listens.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use futures_util::Stream;
use futures_util::lock::Mutex;
use grantline_core::Event;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::broadcast::{Receiver, Sender};

use crate::call::Call;
use crate::fork::Owned;

/// How many events are kept for a listener that is busy.
const CAPACITY: usize = 256;

/// The events of a client, from [`Client::events`](crate::Client::events) on. It is a stream, and can also be asked
/// one event at a time.
///
/// A listener that is slow holds up nobody: what it did not take in time is counted and told as one
/// [`Notice::Missed`]. Several listeners each get every event. The events end with the client; a forked child listens
/// anew.
pub struct Events {
    receiver: Owned<Option<Arc<Mutex<Receiver<Event>>>>>,
    next: Option<Call<Option<Notice>>>,
}

/// What a listener is told.
#[derive(Clone, Debug, PartialEq)]
pub enum Notice {
    /// Something happened.
    Event(Event),
    /// This listener was too slow for so many events.
    Missed(u64),
}

impl Events {
    pub(crate) fn none() -> Self {
        Self { receiver: Owned::new(None), next: None }
    }

    /// The next one, to be awaited or waited for on a thread; `None` when there will be no more. Giving up in
    /// between loses nothing.
    pub fn next(&self) -> Call<Option<Notice>> {
        let Some(receiver) = self.receiver.get().and_then(Option::as_ref) else {
            return Call::known(Ok(None));
        };
        let receiver = Arc::clone(receiver);
        Call::of(async move {
            Ok(match receiver.lock().await.recv().await {
                Ok(event) => Some(Notice::Event(event)),
                Err(RecvError::Lagged(count)) => Some(Notice::Missed(count)),
                Err(RecvError::Closed) => None,
            })
        })
    }
}

impl Stream for Events {
    type Item = Notice;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Notice>> {
        let mut next = self.next.take().unwrap_or_else(|| Self::next(&self));
        match Pin::new(&mut next).poll(context) {
            Poll::Ready(notice) => Poll::Ready(notice.unwrap_or_default()),
            Poll::Pending => {
                self.next = Some(next);
                Poll::Pending
            }
        }
    }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

/// Where events go to. Nothing is kept for listeners before there is one.
#[derive(Default)]
pub(crate) struct Listeners(OnceLock<Sender<Event>>);

impl Listeners {
    pub(crate) fn listen(&self) -> Events {
        let receiver = self.0.get_or_init(|| Sender::new(CAPACITY)).subscribe();
        Events { receiver: Owned::new(Some(Arc::new(Mutex::new(receiver)))), next: None }
    }

    pub(crate) fn tell(&self, event: Event) {
        if let Some(sender) = self.0.get() {
            // Where all listeners have gone there is nobody to tell.
            let _ = sender.send(event);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_executor::block_on;
    use grantline_core::{Generation, Subject, TenantChoice};

    use super::*;

    fn event(generation: u64) -> Event {
        let subject = Subject::Service {
            issuer: "https://provider.example".to_owned(),
            client_id: "client".to_owned(),
            tenant: TenantChoice::no_tenant(),
        };
        Event::Refreshed { subject, generation: Generation(generation) }
    }

    #[test]
    fn a_slow_listener_is_told_how_much_it_missed_and_holds_up_nobody() {
        let listeners = Listeners::default();
        listeners.tell(event(0));
        let slow = listeners.listen();
        let kept = u64::try_from(CAPACITY).unwrap();
        (1..=kept + 3).for_each(|generation| listeners.tell(event(generation)));
        assert_eq!(block_on(slow.next()), Ok(Some(Notice::Missed(3))));
        assert_eq!(block_on(slow.next()), Ok(Some(Notice::Event(event(4)))));
    }

    #[test]
    fn a_listener_that_gave_up_waiting_misses_nothing() {
        let listeners = Listeners::default();
        let listener = listeners.listen();
        assert!(listener.next().wait_for(std::time::Duration::ZERO).is_none());
        listeners.tell(event(1));
        assert_eq!(block_on(listener.next()), Ok(Some(Notice::Event(event(1)))));
    }
}
