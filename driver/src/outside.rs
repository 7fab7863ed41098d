//! HTTP performed by the application: it asks for work, and replies.

use std::collections::VecDeque;
use std::pin::pin;
use std::sync::{Mutex, MutexGuard};

use grantline_core::{Effect, EffectId, HttpRequest, Millis};

use tokio::sync::Notify;

use crate::clock;
use crate::mutex::lock;

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

/// The queue between the pump and the application. Where the application asks for no work, a request stays in it only as
/// long as somebody waits for its answer.
#[derive(Default)]
pub(crate) struct Outside {
    queue: Mutex<Queue>,
    arrived: Notify,
}

#[derive(Default)]
struct Queue {
    work: VecDeque<HttpWork>,
    is_closed: bool,
}

impl Outside {
    /// A request to be sent. False after [`Self::close`]: nobody performs anything any more.
    pub(crate) fn perform(&self, id: EffectId, request: HttpRequest, deadline: Millis) -> bool {
        self.push(self.lock(), HttpWork::Perform { id, request, deadline })
    }

    /// Nobody waits for this request any more. One that was not handed out is gone with that.
    pub(crate) fn cancel(&self, id: EffectId) {
        let mut queue = self.lock();
        let is_it = |work: &HttpWork| matches!(work, HttpWork::Perform { id: waiting, .. } if *waiting == id);
        match queue.work.iter().position(is_it) {
            Some(place) => drop(queue.work.remove(place)),
            None => drop(self.push(queue, HttpWork::Cancel { id })),
        }
    }

    fn push(&self, mut queue: MutexGuard<'_, Queue>, work: HttpWork) -> bool {
        if queue.is_closed {
            return false;
        }
        queue.work.push_back(work);
        // The waker is the application's: it may come back here.
        drop(queue);
        self.arrived.notify_one();
        true
    }

    /// The next thing to do; `None` after [`Self::close`]. What waited here beyond its deadline is given to `too_late`.
    pub(crate) async fn next(&self, too_late: impl Fn(EffectId, Effect)) -> Option<HttpWork> {
        loop {
            let mut arrived = pin!(self.arrived.notified());
            // From here on nothing that arrives is missed.
            arrived.as_mut().enable();
            match self.take() {
                Some(HttpWork::Perform { id, request, deadline }) if deadline <= clock::now().boot => {
                    too_late(id, Effect::Http(request));
                }
                Some(work) => return Some(work),
                None if self.lock().is_closed => return None,
                None => arrived.await,
            }
        }
    }

    fn take(&self) -> Option<HttpWork> {
        self.lock().work.pop_front()
    }

    /// Lets the application's loop end.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.arrived.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use futures_executor::block_on;
    use grantline_core::{Engine, Todo};

    use super::*;
    use crate::entropy;
    use crate::pump::tests::service_token;

    fn request() -> (EffectId, HttpRequest, Millis) {
        let engine = Engine::new();
        engine.begin(service_token(), entropy::seed().unwrap(), clock::now());
        match engine.next() {
            Some(Todo::Do { id, effect: Effect::Http(request), deadline }) => (id, request, deadline),
            other => panic!("{other:?}"),
        }
    }

    fn next(outside: &Outside) -> Option<HttpWork> {
        block_on(outside.next(|_, _| panic!("nothing is late")))
    }

    #[test]
    fn what_nobody_waits_for_any_more_leaves_the_queue_with_its_secrets() {
        let outside = Outside::default();
        for _ in 0..1000 {
            let (id, request, deadline) = request();
            assert!(outside.perform(id, request, deadline));
            outside.cancel(id);
        }
        outside.close();
        assert!(next(&outside).is_none());
    }

    #[test]
    fn a_request_that_was_handed_out_is_cancelled_by_word() {
        let outside = Outside::default();
        let (id, request, deadline) = request();
        assert!(outside.perform(id, request, deadline));
        assert!(matches!(next(&outside), Some(HttpWork::Perform { .. })));
        outside.cancel(id);
        assert!(matches!(next(&outside), Some(HttpWork::Cancel { id: cancelled }) if cancelled == id));
    }

    #[test]
    fn what_stands_in_the_queue_at_the_end_is_still_handed_out_and_nothing_is_taken() {
        let outside = Outside::default();
        let (id, request, deadline) = request();
        assert!(outside.perform(id, request.clone(), deadline));
        outside.close();
        assert!(!outside.perform(id, request, deadline));
        assert!(next(&outside).is_some() && next(&outside).is_none());
    }

    #[test]
    fn whoever_waits_is_woken_by_work_and_by_the_end() {
        let outside = Outside::default();
        std::thread::scope(|scope| {
            let waiting: Vec<_> = (0..2).map(|_| scope.spawn(|| next(&outside))).collect();
            let (id, request, deadline) = request();
            outside.perform(id, request, deadline.plus(Duration::from_secs(60)));
            let all_wait = || outside.lock().work.is_empty();
            std::iter::repeat_with(all_wait).find(|taken| *taken);
            outside.close();
            let handed_out = waiting.into_iter().filter_map(|thread| thread.join().unwrap()).count();
            assert_eq!(handed_out, 1);
        });
    }
}
