//! The engine: many flows at once, still no I/O.
//!
//! Who waits for whom is policy, so it lives here. Whoever pumps an engine follows these steps:
//!
//! 1. [`Engine::call`] begins an operation, or joins the flight of the same key.
//! 2. [`Engine::next`] until it is empty: perform each [`Todo::Do`] on its own, or decline it after its
//!    deadline ([`Effect::declined`](crate::Effect::declined)), and give up the effect of each
//!    [`Todo::Cancel`].
//! 3. [`Engine::reply`] with what became of an effect. A late or repeated reply is [`Receipt::Stale`].
//! 4. [`Engine::advance`] when the clock passes [`Engine::wake_at`].
//! 5. [`Engine::next_outcome`] until it is empty: hand each to the caller that waits for it.
//! 6. After each of 1, 3 and 4 begin at 2 again.
//!
//! Every method takes `&self`. Flows are stepped outside the table's lock, so a long computation for one session
//! never holds up another.

mod operation;
mod plan;
mod queue;
mod settings;
mod slot;
mod slots;
mod table;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use operation::{LoggedIn, Operation, Outcome, Output, Rescue};
pub use settings::Settings;
pub use slot::Slot;
pub use table::{CallId, EffectId, Todo};

use crate::effect::Reply;
use crate::environment::Environment;
use crate::error::Error;
use crate::event::Event;
use crate::flow::{Flow, Step};
use crate::seed::Seed;
use crate::service::{ServiceApp, ServiceTokenRequest};
use crate::session::SessionKey;
use crate::time::{Millis, Now};
use plan::{Landed, Plan, plan};
use table::{Behind, Due, FlightId, Table};

/// All operations of one client: flights, timers, and the tokens in memory.
pub struct Engine {
    environment: Arc<Environment>,
    table: Mutex<Table>,
}

/// Whether a reply was of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// The flow that waited for it went on.
    Accepted,
    /// Nothing waits for it: it came late, twice, or is of the wrong kind. Nothing changed.
    Stale,
}

impl Default for Engine {
    fn default() -> Self {
        Self::with(&Settings::default())
    }
}

impl Engine {
    /// An engine that knows nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// As [`Self::new`], with settings of one's own.
    pub fn with(settings: &Settings) -> Self {
        let table = Table::new(settings.concurrency, settings.tokens_in_memory);
        Self { environment: Arc::new(settings.environment()), table: Mutex::new(table) }
    }

    /// The place of a service token.
    pub fn service_slot(&self, app: &ServiceApp, request: &ServiceTokenRequest) -> Arc<Slot> {
        let key = app.memory_key(request);
        self.lock().slots.slot(&key)
    }

    /// The place of a session's token.
    pub fn session_slot(&self, key: &SessionKey) -> Arc<Slot> {
        let key = key.record_key();
        self.lock().slots.slot(&key)
    }

    /// Begins an operation, or joins the one that runs for the same token. Its outcome comes by
    /// [`Self::next_outcome`], also when it is known at once.
    pub fn call(&self, operation: Operation, seed: Seed, now: Now) -> CallId {
        let call = self.lock().new_call();
        self.dispatch(Some(call), operation, seed, now);
        call
    }

    /// Begins an operation that nobody waits for. What comes of it is kept, and told by events.
    pub fn begin(&self, operation: Operation, seed: Seed, now: Now) {
        self.dispatch(None, operation, seed, now);
    }

    fn dispatch(&self, call: Option<CallId>, operation: Operation, seed: Seed, now: Now) {
        let (mut purpose, subject) = (operation.purpose(), operation.subject());
        let mut table = self.lock();
        let started = match plan(operation, &mut purpose, &mut table, seed, now) {
            Plan::Known(outcome) => return table.tell_caller(call, outcome),
            Plan::Join(flight) => return table.join(flight, call),
            Plan::Behind(flight, operation, seed) => return table.wait_behind(flight, call, operation, seed),
            Plan::Start(flow) => table.start(call, purpose, subject, flow),
        };
        drop(table);
        if let Some((flight, flow)) = started {
            self.launch(flight, flow, now);
        }
    }

    fn launch(&self, flight: FlightId, mut flow: Flow<Landed>, now: Now) {
        flow.set_in(&self.environment);
        self.step(flight, flow, Reply::Start, now);
    }

    /// Begins what waits for its turn, as far as there is room.
    fn begin_queued(&self, now: Now) {
        loop {
            // The lock is not held while the flow goes on.
            let next = self.lock().next_in_queue();
            let Some((flight, flow)) = next else { return };
            self.launch(flight, flow, now);
        }
    }

    /// The caller went away. What others share, or what has to be saved once it was sent, goes on; anything else is
    /// cancelled.
    pub fn forget(&self, call: CallId) {
        self.lock().forget(call);
    }

    /// The next thing to do.
    pub fn next(&self) -> Option<Todo> {
        self.lock().next_todo()
    }

    /// Hands over what became of an effect, and goes on with its flow.
    pub fn reply(&self, id: EffectId, reply: Reply, now: Now) -> Receipt {
        let Some((flight, flow)) = self.lock().take_effect(id, &reply) else {
            return Receipt::Stale;
        };
        self.step(flight, flow, reply, now);
        self.begin_queued(now);
        Receipt::Accepted
    }

    /// When [`Self::advance`] is due next, on the clock that counts suspend.
    pub fn wake_at(&self) -> Option<Millis> {
        self.lock().wake_at()
    }

    /// Ends what is overdue. An HTTP request without a reply has failed as *may have been sent*.
    pub fn advance(&self, now: Now) {
        loop {
            // The lock is not held while the flow goes on.
            let due = self.lock().take_due(now);
            match due {
                Some(Due::Reply(flight, flow, reply)) => self.step(flight, flow, reply, now),
                Some(Due::Begin(flight, flow)) => self.launch(flight, flow, now),
                None => return self.begin_queued(now),
            }
        }
    }

    /// Tries to save at once what a store did not take: for who is about to close.
    pub fn save_now(&self, now: Now) {
        self.lock().save_now(now);
        self.advance(now);
    }

    /// The next outcome, with the call that waits for it.
    pub fn next_outcome(&self) -> Option<(CallId, Outcome)> {
        self.lock().next_outcome()
    }

    /// The next thing that happened. Where nobody reads them, only the latest 1,024 are kept.
    pub fn next_event(&self) -> Option<Event> {
        self.lock().next_event()
    }

    /// Whether nothing runs and nothing waits for being saved: an engine may be dropped then without losing anything.
    pub fn is_idle(&self) -> bool {
        self.lock().is_idle()
    }

    /// Whether whatever still runs waits for its turn, or sleeps with nothing in hand: nothing is lost if the engine is
    /// dropped then. Whoever waits for an outcome gets none.
    pub fn has_nothing_to_lose(&self) -> bool {
        self.lock().has_nothing_to_lose()
    }

    fn step(&self, flight: FlightId, mut flow: Flow<Landed>, reply: Reply, now: Now) {
        let step = catch_unwind(AssertUnwindSafe(|| flow.step(reply, now)))
            .unwrap_or_else(|_| Step::Done(Err(Error::broken("a flow panicked"))));
        let events = flow.take_events();
        if !events.is_empty() {
            let behind = self.lock().told_by(flight, events);
            self.dispatch_all(behind, now);
        }
        let landed = match step {
            Step::Do(effect) => return self.lock().wait_for(flight, flow, effect, now),
            Step::Done(landed) => landed.unwrap_or_else(|error| Err(error).into()),
            Step::Ignored(_) => Err(Error::broken("a flow ignored its own reply")).into(),
        };
        self.land(flight, landed, now, flow.jitter());
    }

    fn land(&self, flight: FlightId, landed: Landed, now: Now, jitter: u64) {
        let Landed { outcome, later, background } = landed;
        let behind = self.lock().finish(flight, &outcome, later, now, jitter);
        self.dispatch_all(behind, now);
        for (operation, seed) in background {
            self.begin(operation, seed, now);
        }
    }

    fn dispatch_all(&self, behind: Vec<Behind>, now: Now) {
        for Behind { call, operation, seed } in behind {
            self.dispatch(call, *operation, seed, now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}
