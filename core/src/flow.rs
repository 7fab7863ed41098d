//! A flow: straight-line code that does no I/O.
//!
//! An operation is one async function, read from top to bottom. It never awaits I/O: it awaits an
//! [`Effect`], and whoever drives the flow performs it.

use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::effect::{Effect, Kind, Reply};
use crate::environment::Environment;
use crate::error::Error;
use crate::event::Event;
use crate::http::{HttpReply, HttpRequest};
use crate::seed::{Draws, Seed};
use crate::store::{RecordKey, RecordOperation, StoreReply, StoreRequest};
use crate::time::{Millis, Now, UnixMillis};

type Running<T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send>>;

/// One operation in progress. Dropping it cancels it.
pub struct Flow<T> {
    future: Option<Running<T>>,
    port: Arc<Mutex<Port>>,
    waiting_for: Kind,
}

/// What [`Flow::step`] came to.
#[derive(Debug)]
pub enum Step<T> {
    /// Do this, and call [`Flow::step`] with its reply.
    Do(Effect),
    /// The operation is over.
    Done(Result<T, Error>),
    /// The reply changed nothing; the flow stands where it stood.
    Ignored(Stale),
}

/// Why a reply was ignored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stale {
    /// The operation is over already.
    Finished,
    /// The flow waits for a reply of another kind.
    NotAwaited,
}

impl<T> Flow<T> {
    /// Makes a flow of an async function; `seed` is the entropy of this one operation.
    pub(crate) fn new<F, Fut>(seed: Seed, operation: F) -> Self
    where
        F: FnOnce(Io) -> Fut,
        Fut: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let port = Arc::new(Mutex::new(Port::new(seed)));
        let future = operation(Io { port: Arc::clone(&port) });
        Self { future: Some(Box::pin(future)), port, waiting_for: Kind::Start }
    }

    /// Has this flow share what others share, if set before the first step.
    pub(crate) fn set_in(&mut self, environment: &Arc<Environment>) {
        lock(&self.port).environment = Arc::clone(environment);
    }

    /// What it had to tell since it was asked last.
    pub(crate) fn take_events(&mut self) -> Vec<Event> {
        mem::take(&mut lock(&self.port).events)
    }

    /// An unguessable number, for spreading over time what follows from this flow.
    pub(crate) fn jitter(&self) -> u64 {
        lock(&self.port).draws.jitter()
    }

    /// Whether it holds tokens that nobody else has.
    pub(crate) fn has_unsaved(&self) -> bool {
        lock(&self.port).has_unsaved
    }

    /// It is given tokens that nobody else has.
    pub(crate) fn holding_unsaved(self, has_unsaved: bool) -> Self {
        lock(&self.port).has_unsaved = has_unsaved;
        self
    }

    /// Whether it is doing what others wait for as well.
    pub(crate) fn serves_others(&self) -> bool {
        lock(&self.port).serves_others
    }

    /// Its caller is gone: it ends as soon as it serves nobody else.
    pub(crate) fn abandon(&self) {
        lock(&self.port).is_abandoned = true;
    }

    /// Whether this is the kind of reply that the flow stands still for.
    pub(crate) fn waits_for(&self, reply: &Reply) -> bool {
        reply.kind() == self.waiting_for
    }

    /// The same flow with another form of result.
    pub(crate) fn map<U>(self, form: impl FnOnce(T) -> U + Send + 'static) -> Flow<U>
    where
        T: 'static,
    {
        let Self { future, port, waiting_for } = self;
        let future = future.map(|future| -> Running<U> { Box::pin(async move { future.await.map(form) }) });
        Flow { future, port, waiting_for }
    }

    /// Goes on until the next effect or the end. The first reply is [`Reply::Start`].
    ///
    /// A late, repeated or foreign reply is ignored with a reason.
    pub fn step(&mut self, reply: Reply, now: Now) -> Step<T> {
        if !self.waits_for(&reply) {
            return Step::Ignored(Stale::NotAwaited);
        }
        let Some(future) = self.future.as_mut() else {
            return Step::Ignored(Stale::Finished);
        };
        lock(&self.port).give(reply, now);
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(outcome) => {
                self.future = None;
                Step::Done(outcome)
            }
            Poll::Pending => self.next_effect(),
        }
    }

    fn next_effect(&mut self) -> Step<T> {
        let Some(effect) = lock(&self.port).effect.take() else {
            // Flows await nothing but `Io`, so a pending flow has asked for an effect.
            self.future = None;
            return Step::Done(Err(Error::broken("a flow waits without having asked for an effect")));
        };
        self.waiting_for = effect.kind();
        Step::Do(effect)
    }
}

impl<T> std::fmt::Debug for Flow<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flow").field("waiting_for", &self.waiting_for).finish_non_exhaustive()
    }
}

/// What a flow's function sees of the world: the clock's last reading, its entropy, and effects.
pub(crate) struct Io {
    port: Arc<Mutex<Port>>,
}

impl Io {
    /// When the last reply arrived.
    pub(crate) fn now(&self) -> Now {
        lock(&self.port).now
    }

    /// What this flow shares with others.
    pub(crate) fn environment(&self) -> Arc<Environment> {
        Arc::clone(&lock(&self.port).environment)
    }

    /// How long one HTTP request may take.
    pub(crate) fn http_timeout(&self) -> Duration {
        let port = lock(&self.port);
        port.environment.http_timeout.min(port.http_limit)
    }

    /// Has every further HTTP request of this flow end within `limit`.
    pub(crate) fn limit_http(&self, limit: Duration) {
        lock(&self.port).http_limit = limit;
    }

    /// Tells the application what happened.
    pub(crate) fn tell(&self, event: Event) {
        lock(&self.port).events.push(event);
    }

    /// The unguessable values of this operation.
    pub(crate) fn draw<V>(&self, draw: impl FnOnce(&mut Draws) -> V) -> V {
        draw(&mut lock(&self.port).draws)
    }

    /// Has a request sent once.
    pub(crate) async fn http(&self, request: HttpRequest) -> Result<HttpReply, Error> {
        match self.ask(Effect::Http(request)).await {
            Some(Reply::Http(reply)) => Ok(reply),
            _ => Err(Error::broken("an HTTP request got a reply of another kind")),
        }
    }

    /// Has one operation performed on what the store keeps under a key.
    pub(crate) async fn store(
        &self,
        key: RecordKey,
        operation: RecordOperation,
    ) -> Result<StoreReply, Error> {
        self.ask_store(StoreRequest::On { key, operation }).await
    }

    /// Has the store asked.
    pub(crate) async fn ask_store(&self, request: StoreRequest) -> Result<StoreReply, Error> {
        match self.ask(Effect::Store(request)).await {
            Some(Reply::Store(reply)) => Ok(reply),
            _ => Err(Error::broken("a store request got a reply of another kind")),
        }
    }

    /// Waits. Whoever closes the engine need not wait for the end of it, unless tokens are held that nobody else has.
    pub(crate) async fn sleep(&self, duration: Duration) {
        self.ask(Effect::Sleep(duration)).await;
    }

    /// Saves tokens that nobody else has until it is done.
    pub(crate) async fn while_unsaved<T>(&self, saving: impl Future<Output = T>) -> T {
        lock(&self.port).has_unsaved = true;
        let saved = saving.await;
        lock(&self.port).has_unsaved = false;
        saved
    }

    /// Does what others wait for as well, to its end even if this flow's own caller gives up meanwhile.
    ///
    /// Errors: `cancelled`, if that happened.
    pub(crate) async fn for_others<T>(&self, work: impl Future<Output = T>) -> Result<T, Error> {
        let within_another = mem::replace(&mut lock(&self.port).serves_others, true);
        let done = work.await;
        let mut port = lock(&self.port);
        port.serves_others = within_another;
        match port.is_abandoned && !within_another {
            true => Err(Error::Cancelled),
            false => Ok(done),
        }
    }

    async fn ask(&self, effect: Effect) -> Option<Reply> {
        lock(&self.port).ask(effect);
        Answer { port: &self.port }.await
    }
}

/// The table between the flow's function and [`Flow::step`]: one effect out, one reply in.
struct Port {
    now: Now,
    environment: Arc<Environment>,
    http_limit: Duration,
    events: Vec<Event>,
    draws: Draws,
    has_unsaved: bool,
    serves_others: bool,
    is_abandoned: bool,
    effect: Option<Effect>,
    reply: Option<Reply>,
}

impl Port {
    fn new(seed: Seed) -> Self {
        let start = Now { wall: UnixMillis(0), boot: Millis(0) };
        Self {
            now: start,
            environment: Arc::default(),
            http_limit: Duration::MAX,
            events: Vec::new(),
            draws: seed.into_draws(),
            has_unsaved: false,
            serves_others: false,
            is_abandoned: false,
            effect: None,
            reply: None,
        }
    }

    fn give(&mut self, reply: Reply, now: Now) {
        self.now = now;
        self.reply = Some(reply);
    }

    fn ask(&mut self, effect: Effect) {
        // The reply that is still here (the start, or one already read) belongs to an earlier question.
        self.reply = None;
        self.effect = Some(effect);
    }
}

/// Waits for the reply that the next `step` brings.
struct Answer<'a> {
    port: &'a Mutex<Port>,
}

impl Future for Answer<'_> {
    type Output = Option<Reply>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        let mut port = lock(self.port);
        match port.reply.take() {
            Some(reply) => Poll::Ready(Some(reply)),
            None => Poll::Pending,
        }
    }
}

fn lock(port: &Mutex<Port>) -> MutexGuard<'_, Port> {
    port.lock().unwrap_or_else(PoisonError::into_inner)
}
