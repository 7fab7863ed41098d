//! The pump: takes what the engine has to do, performs each on its own, gives the reply back, hands outcomes to
//! whoever waits.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use futures_channel::oneshot;
use grantline_core::{
    CallId, Effect, EffectId, Engine, Error, HttpFailure, HttpFailureKind, HttpReply, HttpRequest, Millis,
    Misuse, Now, Operation, Outcome, Reply, Sent, Settings, Todo,
};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use crate::http::Performer;
use crate::outside::{HttpWork, Outside};
use crate::stores::Store;
use crate::{clock, entropy, runtime};

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
    store: Store,
    /// Where stores are waited for: on grantline's own thread.
    stores: Handle,
    runtime: Handle,
    /// A forked child has none of the threads that would pump for it.
    process: u32,
    waiting: Mutex<HashMap<CallId, oneshot::Sender<Outcome>>>,
    performing: Mutex<HashMap<EffectId, AbortHandle>>,
    timers: Arc<Notify>,
}

impl Pump {
    /// Starts the pump. It ends when its last holder is gone and what it sent is answered.
    ///
    /// `runtime`: where HTTP requests run. Time is kept on grantline's own thread, which nobody can end.
    pub(crate) fn start(
        settings: Settings,
        http: Http,
        store: Store,
        runtime: Handle,
    ) -> Result<Arc<Self>, Error> {
        let own = runtime::shared()?;
        let timers = Arc::new(Notify::new());
        let pump = Arc::new(Self {
            engine: Engine::with(&settings),
            http,
            store,
            stores: own.clone(),
            runtime,
            process: std::process::id(),
            waiting: Mutex::default(),
            performing: Mutex::default(),
            timers: Arc::clone(&timers),
        });
        own.spawn(keep_time(Arc::downgrade(&pump), timers));
        Ok(pump)
    }

    /// Begins an operation. Its outcome arrives at the receiver.
    pub(crate) fn call(
        self: &Arc<Self>,
        operation: Operation,
    ) -> Result<(CallId, oneshot::Receiver<Outcome>), Error> {
        if self.process != std::process::id() {
            return Err(Misuse::ClientOfParentProcess.into());
        }
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
                    let pump = Arc::clone(self);
                    let give = move |reply| pump.reply(id, Reply::Store(reply));
                    if let Some(reply) = self.store.perform(request, &self.stores, give) {
                        self.engine.reply(id, Reply::Store(reply), clock::now());
                    }
                }
                Todo::Do { id, effect, .. } => {
                    let reply = effect.declined("this driver does not know the effect");
                    self.engine.reply(id, reply, clock::now());
                }
                Todo::Cancel(id) => self.cancel(id),
            }
        }
        while let Some((call, outcome)) = self.engine.next_outcome() {
            // Taken out first: sending runs the caller's waker, which may come back here, or panic.
            let sender = lock(&self.waiting).remove(&call);
            // A receiver that is gone has said so by `forget`, or is about to.
            let _ = sender.map(|sender| catch_unwind(AssertUnwindSafe(|| sender.send(outcome))));
        }
        self.timers.notify_one();
    }

    fn send(self: &Arc<Self>, id: EffectId, request: HttpRequest, deadline: Millis) {
        match &self.http {
            Http::Inside(performer) => self.perform(performer.clone(), id, request, deadline),
            Http::Outside(outside) => {
                let effect = Effect::Http(request.clone());
                if !outside.push(HttpWork::Perform { id, request, deadline }) {
                    self.engine.reply(id, effect.declined("the client's HTTP is closed"), clock::now());
                }
            }
        }
    }

    fn perform(
        self: &Arc<Self>,
        performer: Performer,
        id: EffectId,
        mut request: HttpRequest,
        deadline: Millis,
    ) {
        let mut performance =
            Performance { pump: Arc::clone(self), id, reply: None, began: false, ended: Arc::default() };
        let ended = Arc::clone(&performance.ended);
        let task = self.runtime.spawn(async move {
            performance.began = true;
            // A machine that slept meanwhile sends nothing any more: the performer refuses what has no time left.
            request.timeout = request.timeout.min(deadline.since(clock::now().boot));
            performance.reply = Some(performer.perform(request).await);
            drop(performance);
        });
        let mut performing = lock(&self.performing);
        if !ended.load(Ordering::Acquire) {
            performing.insert(id, task.abort_handle());
        }
    }

    fn cancel(&self, id: EffectId) {
        match &self.http {
            Http::Outside(outside) => {
                outside.push(HttpWork::Cancel { id });
            }
            Http::Inside(_) => {
                let task = lock(&self.performing).remove(&id);
                if let Some(task) = task {
                    task.abort();
                }
            }
        }
    }
}

/// One request under way. However it ends, also with the runtime that it ran on, its reply is given.
struct Performance {
    pump: Arc<Pump>,
    id: EffectId,
    reply: Option<HttpReply>,
    began: bool,
    ended: Arc<AtomicBool>,
}

impl Drop for Performance {
    fn drop(&mut self) {
        // Before the removal: who inserts after it must see it.
        self.ended.store(true, Ordering::Release);
        lock(&self.pump.performing).remove(&self.id);
        let reply = self.reply.take().unwrap_or_else(|| {
            let sent = if self.began { Sent::Maybe } else { Sent::CertainlyNot };
            let detail = "the runtime that it ran on has ended, or nobody waits for it".to_owned();
            Err(HttpFailure { kind: HttpFailureKind::NotPerformed, sent, detail })
        });
        self.pump.reply(self.id, Reply::Http(reply));
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
