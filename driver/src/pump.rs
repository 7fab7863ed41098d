//! The pump: takes what the engine has to do, performs each on its own, gives the reply back, hands outcomes to
//! whoever waits.

mod callers;
mod documents;
mod one_at_a_time;
mod performance;
#[cfg(test)]
pub(crate) mod tests;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_channel::oneshot;
use grantline_core::{
    CallId, Effect, EffectId, Engine, Error, HttpRequest, Millis, Now, Operation, Outcome, RecordOperation,
    Reply, Settings, StoreRequest, Todo,
};
use tokio::runtime::Handle;
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;

use crate::events::Listeners;
use crate::fork::Process;
use crate::http::Performer;
use crate::mutex::lock;
use crate::outside::Outside;
use crate::stores::Store;
use crate::{clock, entropy, runtime, telemetry};
use callers::Callers;
use one_at_a_time::OneAtATime;
use performance::Performance;

/// Whatever comes is earlier.
const LOOKS_NOW: u64 = u64::MAX;

/// Who sends HTTP requests.
pub(crate) enum Http {
    /// This crate, with reqwest.
    Inside(Performer),
    /// The application, which asks for work.
    Outside(Arc<Outside>),
}

/// One client's engine in one process, and everything that moves it.
///
/// The task that keeps its time owns it, and ends when the pump is closed and nothing is left that could be lost: what was
/// sent is waited for although no client, no handle and no caller is left. In a forked child that task does not exist, so
/// that its share is never given back, and nothing of the parent's is ever dropped there.
pub(crate) struct Pump {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
    process: Process,
    http: Http,
    /// Where stores are waited for: on grantline's own thread.
    stores: Handle,
    runtime: Handle,
    callers: Callers,
    performing: Mutex<HashMap<EffectId, AbortHandle>>,
    timers: Notify,
    /// When who keeps the time looks at the engine again, on the clock that counts suspend.
    looks_again: AtomicU64,
    pub(crate) listeners: Listeners,
    /// Events are told in the order in which things happened.
    telling: OneAtATime,
    /// Nothing is done any more, whatever the engine asks for.
    given_up: AtomicBool,
    end: watch::Sender<Option<End>>,
}

/// How a pump ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Everything that was sent came to its end, and is saved.
    Complete,
    /// The time was over.
    GaveUp,
}

/// No moment: whoever closes waits for as long as it takes. The engine's deadlines bound that.
pub(crate) const NEVER: Millis = Millis(u64::MAX);

impl Pump {
    /// Starts the pump.
    ///
    /// `runtime`: where HTTP requests run. Time is kept on grantline's own thread, which nobody can end.
    pub(crate) fn start(
        settings: &Settings,
        http: Http,
        store: Store,
        runtime: Handle,
    ) -> Result<Arc<Self>, Error> {
        let own = runtime::shared()?;
        let pump = Arc::new(Self {
            engine: Engine::with(settings),
            store,
            process: Process::current(),
            http,
            stores: own.clone(),
            runtime,
            callers: Callers::default(),
            performing: Mutex::default(),
            timers: Notify::new(),
            looks_again: AtomicU64::new(LOOKS_NOW),
            listeners: Listeners::default(),
            telling: OneAtATime::default(),
            given_up: AtomicBool::new(false),
            end: watch::Sender::new(None),
        });
        own.spawn(keep_time(Arc::clone(&pump)));
        Ok(pump)
    }

    /// The process that it was started in; in any other it is neither asked nor told anything.
    pub(crate) fn process(&self) -> Process {
        self.process
    }

    /// The queue of work for the application, if that performs HTTP.
    pub(crate) fn outside(&self) -> Option<&Arc<Outside>> {
        match &self.http {
            Http::Outside(outside) => Some(outside),
            Http::Inside(_) => None,
        }
    }

    /// Begins an operation. Its outcome arrives at the receiver.
    pub(crate) fn call(
        self: &Arc<Self>,
        operation: Operation,
    ) -> Result<(CallId, oneshot::Receiver<Outcome>), Error> {
        let seed = entropy::seed()?;
        let begun = self.callers.begin(|| self.engine.call(operation, seed, clock::now()))?;
        self.turn();
        Ok(begun)
    }

    /// Begins an operation that nobody waits for.
    pub(crate) fn begin(self: &Arc<Self>, operation: Operation) -> Result<(), Error> {
        self.engine.begin(operation, entropy::seed()?, clock::now());
        self.turn();
        Ok(())
    }

    /// Nobody waits for this call any more.
    pub(crate) fn forget(self: &Arc<Self>, call: CallId) {
        self.callers.forget(call);
        self.engine.forget(call);
        self.turn();
    }

    /// Gives a reply back.
    pub(crate) fn reply(self: &Arc<Self>, id: EffectId, reply: Reply) {
        self.engine.reply(id, reply, clock::now());
        self.turn();
    }

    /// Takes no new calls, and ends when nothing is left that could be lost, or at that moment. Of two moments the
    /// earlier counts.
    pub(crate) fn close(self: &Arc<Self>, at: Millis) {
        if self.callers.close(at) {
            self.engine.save_now(clock::now());
        }
        self.turn();
    }

    /// Tells how it ended, when it has, and after that.
    pub(crate) fn end(&self) -> watch::Receiver<Option<End>> {
        self.end.subscribe()
    }

    /// Does what there is to do, then hands out what there is to hand out.
    fn turn(self: &Arc<Self>) {
        while !self.given_up.load(Ordering::Acquire)
            && let Some(todo) = self.engine.next()
        {
            match todo {
                Todo::Do { id, effect, deadline } => self.perform(id, effect, deadline),
                Todo::Cancel(id) => self.cancel(id),
            }
        }
        self.telling.run(|| self.tell_events());
        while self.callers.tell(|| self.engine.next_outcome()) {}
        self.call_time_keeper();
    }

    /// Nearly every request brings a timer, and hardly any of them is due before what is waited for already.
    fn call_time_keeper(&self) {
        let looks_again = Millis(self.looks_again.load(Ordering::Acquire));
        if self.wake_at().is_some_and(|due| due < looks_again) || self.callers.closed().is_some() {
            self.timers.notify_one();
        }
    }

    fn perform(self: &Arc<Self>, id: EffectId, effect: Effect, deadline: Millis) {
        match effect {
            Effect::Http(request) if self.has_time_for(&request) => self.send(id, request, deadline),
            Effect::Store(request) if deadline > clock::now().boot || !takes_a_lease(&request) => {
                self.ask_store(id, request);
            }
            effect => self.decline(id, &effect, "the client is closing, or it is too late for it"),
        }
    }

    fn decline(&self, id: EffectId, effect: &Effect, why: &str) {
        self.engine.reply(id, effect.declined(why), clock::now());
    }

    fn ask_store(self: &Arc<Self>, id: EffectId, request: StoreRequest) {
        let pump = Arc::clone(self);
        let give = move |reply| pump.reply(id, Reply::Store(reply));
        if let Some(reply) = self.store.perform(request, &self.stores, give) {
            self.engine.reply(id, Reply::Store(reply), clock::now());
        }
    }

    fn tell_events(&self) {
        while let Some(event) = self.engine.next_event() {
            foreign(|| telemetry::event(&event));
            foreign(|| self.listeners.tell(event));
        }
    }

    /// Nothing is sent whose answer a closing client would not wait for: the answer to a refresh would be lost.
    fn has_time_for(&self, request: &HttpRequest) -> bool {
        self.callers.closed().is_none_or(|at| at.since(clock::now().boot) >= request.timeout)
    }

    fn send(self: &Arc<Self>, id: EffectId, request: HttpRequest, deadline: Millis) {
        match &self.http {
            Http::Inside(performer) => self.send_inside(performer.clone(), id, request, deadline),
            Http::Outside(outside) => {
                let effect = Effect::Http(request.clone());
                let mut is_taken = true;
                foreign(|| is_taken = outside.perform(id, request, deadline));
                if !is_taken {
                    self.decline(id, &effect, "the client's HTTP is closed");
                }
            }
        }
    }

    fn send_inside(
        self: &Arc<Self>,
        performer: Performer,
        id: EffectId,
        request: HttpRequest,
        deadline: Millis,
    ) {
        let mut performance = Performance::of(Arc::clone(self), id);
        let ended = performance.ended();
        let task = self.runtime.spawn(async move {
            // A machine that slept meanwhile sends nothing any more: others have decided since.
            if deadline <= clock::now().boot {
                return;
            }
            performance.begin();
            let exchange = telemetry::Exchange::begin(&request);
            let reply = performer.perform(request).await;
            // The reply may hold tokens that nobody else has.
            foreign(|| exchange.end(&reply));
            performance.end_with(reply);
        });
        let mut performing = lock(&self.performing);
        if !ended.load(Ordering::Acquire) {
            performing.insert(id, task.abort_handle());
        }
    }

    fn cancel(&self, id: EffectId) {
        match &self.http {
            Http::Outside(outside) => {
                foreign(|| outside.cancel(id));
            }
            Http::Inside(_) => {
                let task = lock(&self.performing).remove(&id);
                if let Some(task) = task {
                    task.abort();
                }
            }
        }
    }

    /// Does what is due by now.
    fn wake(self: &Arc<Self>, now: Now) {
        if self.engine.wake_at().is_some_and(|due| due <= now.boot) {
            self.engine.advance(now);
            self.turn();
        }
    }

    /// How it ends, if it does now. What sleeps or waits for its turn has sent nothing, and is not waited for.
    fn ends(&self, now: Now) -> Option<End> {
        let at = self.callers.closed()?;
        if self.engine.has_nothing_to_lose() {
            return Some(End::Complete);
        }
        (at <= now.boot).then_some(End::GaveUp)
    }

    /// When it is to be looked at again.
    fn wake_at(&self) -> Option<Millis> {
        self.callers.closed().into_iter().chain(self.engine.wake_at()).min()
    }

    /// Stops everything that still runs. Whoever waits, or comes just now, is told that it was cancelled.
    fn give_up(self: &Arc<Self>) {
        self.given_up.store(true, Ordering::Release);
        // What has come to its end is told.
        foreign(|| self.turn());
        for (_, task) in lock(&self.performing).drain() {
            task.abort();
        }
        self.callers.give_up();
    }
}

/// Wakes the engine when one of its timers is due, until the pump is closed and nothing is left that could be lost.
async fn keep_time(pump: Arc<Pump>) {
    let end = loop {
        let now = clock::now();
        // Whatever panics here, time goes on.
        foreign(|| pump.wake(now));
        if let Some(end) = pump.ends(now) {
            break end;
        }
        // In this order: a timer that comes in between is not missed.
        pump.looks_again.store(LOOKS_NOW, Ordering::Release);
        let due = pump.wake_at();
        pump.looks_again.store(due.map_or(LOOKS_NOW, |due| due.0), Ordering::Release);
        tokio::select! {
            () = pump.timers.notified() => {}
            () = tokio::time::sleep(until(due, now)) => {}
        }
    };
    pump.give_up();
    if let Some(outside) = pump.outside() {
        foreign(|| outside.close());
    }
    foreign(|| {
        pump.end.send_replace(Some(end));
    });
}

/// What was decided too long ago begins no attempt: nobody may be there any more to give its lease back. Everything else
/// a store is asked for it does late as well as in time, and new tokens are saved however late it is.
fn takes_a_lease(request: &StoreRequest) -> bool {
    matches!(request, StoreRequest::On { operation: RecordOperation::Begin { .. }, .. })
}

/// Not longer than a minute: tokio's timer does not count suspend, and the engine's clock does.
fn until(due: Option<Millis>, now: Now) -> Duration {
    const LONGEST: Duration = Duration::from_secs(60);
    due.map_or(LONGEST, |due| due.since(now.boot)).min(LONGEST)
}

/// Runs what leads to somebody else's code: a waker, a layer of `tracing`. It may come back here, so no lock is held; it
/// may panic, which is its own affair.
fn foreign(code: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(code));
}
