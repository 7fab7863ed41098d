//! The pump: takes what the engine has to do, performs each on its own, gives the reply back, hands outcomes to
//! whoever waits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_channel::oneshot;
use grantline_core::{
    CallId, Effect, EffectId, Engine, Error, HttpRequest, Millis, Now, Operation, Outcome, Reply, Todo,
};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::http::Performer;
use crate::memory_store::MemoryStore;
use crate::outside::{HttpWork, Outside};
use crate::{clock, entropy};

/// Who sends HTTP requests.
pub(crate) enum Http {
    /// This crate, with reqwest.
    Inside(Performer),
    /// The application, which asks for work.
    Outside(Arc<Outside>),
}

/// One client's engine and everything that moves it.
pub(crate) struct Pump {
    pub(crate) engine: Engine,
    http: Http,
    http_timeout: Duration,
    store: MemoryStore,
    runtime: Handle,
    waiting: Mutex<HashMap<CallId, oneshot::Sender<Outcome>>>,
    performing: Mutex<HashMap<EffectId, AbortHandle>>,
    timers: Arc<Notify>,
}

impl Pump {
    /// Starts the pump on that runtime. It ends when its last holder is gone and what it sent is answered.
    pub(crate) fn start(http: Http, http_timeout: Duration, runtime: Handle) -> Arc<Self> {
        let timers = Arc::new(Notify::new());
        let pump = Arc::new(Self {
            engine: Engine::new(),
            http,
            http_timeout,
            store: MemoryStore::default(),
            runtime,
            waiting: Mutex::default(),
            performing: Mutex::default(),
            timers: Arc::clone(&timers),
        });
        pump.runtime.spawn(keep_time(Arc::downgrade(&pump), timers));
        pump
    }

    /// Begins an operation. Its outcome arrives at the receiver.
    pub(crate) fn call(
        self: &Arc<Self>,
        operation: Operation,
    ) -> Result<(CallId, oneshot::Receiver<Outcome>), Error> {
        let seed = entropy::seed()?;
        let (sender, receiver) = oneshot::channel();
        // Held until the sender stands there: another thread may come by with the outcome at once.
        let mut waiting = lock(&self.waiting);
        let call = self.engine.call(operation, seed, clock::now());
        waiting.insert(call, sender);
        drop(waiting);
        self.turn();
        Ok((call, receiver))
    }

    /// Nobody waits for this call any more.
    pub(crate) fn forget(self: &Arc<Self>, call: CallId) {
        // Taken out first: dropping the sender runs the caller's waker, which may come back here.
        let sender = lock(&self.waiting).remove(&call);
        drop(sender);
        self.engine.forget(call);
        self.turn();
    }

    /// Gives a reply back.
    pub(crate) fn reply(self: &Arc<Self>, id: EffectId, reply: Reply) {
        self.engine.reply(id, reply, clock::now());
        self.turn();
    }

    /// Does what there is to do, then hands out what there is to hand out.
    fn turn(self: &Arc<Self>) {
        while let Some(todo) = self.engine.next() {
            match todo {
                Todo::Do { id, effect: Effect::Http(request), deadline } => self.send(id, request, deadline),
                Todo::Do { id, effect: Effect::Store(request), .. } => {
                    let now = clock::now();
                    let reply = self.store.perform(request, now.boot);
                    self.engine.reply(id, Reply::Store(reply), now);
                }
                Todo::Do { id, effect, .. } => {
                    let reply = effect.declined("this driver does not know the effect");
                    self.engine.reply(id, reply, clock::now());
                }
                Todo::Cancel(id) => self.cancel(id),
            }
        }
        while let Some((call, outcome)) = self.engine.next_outcome() {
            // Taken out first: sending runs the caller's waker, which may come back here.
            let sender = lock(&self.waiting).remove(&call);
            // A receiver that is gone has said so by `forget`, or is about to.
            sender.map(|sender| sender.send(outcome));
        }
        self.timers.notify_one();
    }

    fn send(self: &Arc<Self>, id: EffectId, mut request: HttpRequest, deadline: Millis) {
        request.timeout = request.timeout.min(self.http_timeout);
        let performer = match &self.http {
            Http::Inside(performer) => performer.clone(),
            Http::Outside(outside) => return outside.push(HttpWork::Perform { id, request, deadline }),
        };
        let pump = Arc::clone(self);
        // Registered before it runs: the lock is held while the task is made.
        let mut performing = lock(&self.performing);
        let task = self.runtime.spawn(async move {
            // A machine that slept meanwhile sends nothing any more: the performer refuses what has no time left.
            request.timeout = request.timeout.min(deadline.since(clock::now().boot));
            let reply = performer.perform(request).await;
            lock(&pump.performing).remove(&id);
            pump.reply(id, Reply::Http(reply));
        });
        performing.insert(id, task.abort_handle());
    }

    fn cancel(&self, id: EffectId) {
        match &self.http {
            Http::Outside(outside) => outside.push(HttpWork::Cancel { id }),
            Http::Inside(_) => {
                let task = lock(&self.performing).remove(&id);
                if let Some(task) = task {
                    task.abort();
                }
            }
        }
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.timers.notify_one();
    }
}

/// Wakes the engine when one of its timers is due.
async fn keep_time(pump: Weak<Pump>, timers: Arc<Notify>) {
    loop {
        let Some(alive) = pump.upgrade() else { return };
        let now = clock::now();
        if alive.engine.wake_at().is_some_and(|due| due <= now.boot) {
            alive.engine.advance(now);
            alive.turn();
        }
        let pause = until(alive.engine.wake_at(), now);
        drop(alive);
        tokio::select! {
            () = timers.notified() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Not longer than a minute: tokio's timer does not count suspend, and the engine's clock does.
fn until(due: Option<Millis>, now: Now) -> Duration {
    const LONGEST: Duration = Duration::from_secs(60);
    due.map_or(LONGEST, |due| due.since(now.boot)).min(LONGEST)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
