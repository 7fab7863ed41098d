//! The engine's books: calls, flights, effects, timers. Nothing here steps a flow.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use super::operation::{GrantKey, Operation, Outcome, Output};
use super::slot::Slot;
use crate::effect::{Effect, Reply};
use crate::flow::Flow;
use crate::http::{HttpFailure, HttpFailureKind, Sent};
use crate::login::PendingLogin;
use crate::seed::Seed;
use crate::store::{StoreFailure, StoreFailureKind, StoreReply};
use crate::time::{Millis, Now, UnixMillis};
use crate::token::Generation;

/// Somebody who waits for an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(u64);

/// One effect to be performed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EffectId(u64);

/// One running flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FlightId(u64);

/// What whoever pumps the engine has to do.
#[derive(Debug, PartialEq)]
pub enum Todo {
    /// Perform the effect, unless `deadline` has passed already.
    Do {
        /// Goes back with the reply.
        id: EffectId,
        /// What to do.
        effect: Effect,
        /// When the engine stops waiting for the reply.
        deadline: Millis,
    },
    /// Nobody waits for this effect any more: give it up if that is easy.
    Cancel(EffectId),
}

/// The engine gives the performer this long beyond the time limit that it was told, so that the performer's own,
/// better informed failure comes first.
const SLACK: Duration = Duration::from_secs(1);
/// How long a store may take for one operation.
const STORE_TIMEOUT: Duration = Duration::from_secs(10);

/// How many places of tokens there are before the empty ones are looked for.
const FIRST_SWEEP: usize = 1024;

#[derive(Default)]
pub(super) struct Table {
    last_id: u64,
    slots: BTreeMap<GrantKey, Arc<Slot>>,
    sweep_slots_at: usize,
    flights: BTreeMap<FlightId, Flight>,
    by_key: BTreeMap<GrantKey, FlightId>,
    calls: BTreeMap<CallId, FlightId>,
    effects: BTreeMap<EffectId, Waiting>,
    timers: BinaryHeap<Reverse<(Millis, EffectId)>>,
    todo: VecDeque<Todo>,
    outcomes: VecDeque<(CallId, Outcome)>,
    /// The logins whose callback was handled, until they would have expired anyway.
    used_up: BTreeMap<String, UnixMillis>,
}

struct Flight {
    /// The token that it is for, and the generation that will not do. A flight for a token outlives its callers:
    /// what was sent has to be saved.
    shared: Option<(GrantKey, Option<Generation>)>,
    callers: Vec<CallId>,
    behind: Vec<Behind>,
    waits_for: Option<EffectId>,
}

/// A caller for whom the flight under way will not do.
pub(super) struct Behind {
    pub(super) call: CallId,
    pub(super) operation: Box<Operation>,
    pub(super) seed: Seed,
}

/// A flow that waits for an effect.
struct Waiting {
    flight: FlightId,
    flow: Flow<Output>,
    overdue: Reply,
}

impl Table {
    fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn new_call(&mut self) -> CallId {
        CallId(self.new_id())
    }

    /// The place of that token. Asking for it costs memory only as long as somebody holds the place or a token is
    /// in it: names that come from outside fill nothing up.
    pub(super) fn slot(&mut self, key: GrantKey) -> Arc<Slot> {
        if self.slots.len() >= self.sweep_slots_at {
            self.slots.retain(|_, slot| !slot.is_empty() || Arc::strong_count(slot) > 1);
            self.sweep_slots_at = FIRST_SWEEP.max(2 * self.slots.len());
        }
        Arc::clone(self.slots.entry(key).or_default())
    }

    /// The flight for that token, and the generation that will not do for it.
    pub(super) fn flight_of(&self, key: &GrantKey) -> Option<(FlightId, Option<Generation>)> {
        let id = *self.by_key.get(key)?;
        let (_, newer_than) = self.flights.get(&id)?.shared.as_ref()?;
        Some((id, *newer_than))
    }

    pub(super) fn start(&mut self, call: CallId, shared: Option<(GrantKey, Option<Generation>)>) -> FlightId {
        let id = FlightId(self.new_id());
        if let Some((key, _)) = &shared {
            self.by_key.insert(key.clone(), id);
        }
        self.flights.insert(id, Flight { shared, callers: Vec::new(), behind: Vec::new(), waits_for: None });
        self.join(id, call);
        id
    }

    pub(super) fn join(&mut self, id: FlightId, call: CallId) {
        if let Some(flight) = self.flights.get_mut(&id) {
            flight.callers.push(call);
            self.calls.insert(call, id);
        }
    }

    pub(super) fn wait_behind(&mut self, id: FlightId, call: CallId, operation: Box<Operation>, seed: Seed) {
        if let Some(flight) = self.flights.get_mut(&id) {
            flight.behind.push(Behind { call, operation, seed });
            self.calls.insert(call, id);
        }
    }

    pub(super) fn forget(&mut self, call: CallId) {
        self.outcomes.retain(|(waiting, _)| *waiting != call);
        let Some(id) = self.calls.remove(&call) else {
            return;
        };
        let Some(flight) = self.flights.get_mut(&id) else {
            return;
        };
        flight.callers.retain(|caller| *caller != call);
        flight.behind.retain(|behind| behind.call != call);
        if flight.callers.is_empty() && flight.shared.is_none() {
            self.cancel(id);
        }
    }

    /// A flow that is being stepped just now is dropped when it comes back and finds its flight gone.
    fn cancel(&mut self, id: FlightId) {
        let effect = self.remove(id).and_then(|flight| flight.waits_for);
        let Some(effect) = effect else { return };
        self.effects.remove(&effect);
        if self.take_from_queue(effect).is_none() {
            self.todo.push_back(Todo::Cancel(effect));
        }
    }

    /// An effect that nobody has been told to perform yet.
    fn take_from_queue(&mut self, effect: EffectId) -> Option<Effect> {
        let place = self.todo.iter().position(|todo| matches!(todo, Todo::Do { id, .. } if *id == effect))?;
        match self.todo.remove(place)? {
            Todo::Do { effect, .. } => Some(effect),
            Todo::Cancel(_) => None,
        }
    }

    fn remove(&mut self, id: FlightId) -> Option<Flight> {
        let flight = self.flights.remove(&id)?;
        if let Some((key, _)) = &flight.shared {
            self.by_key.remove(key);
        }
        Some(flight)
    }

    /// Puts the flow aside until the effect's reply comes, or its time is over.
    pub(super) fn wait_for(&mut self, id: FlightId, flow: Flow<Output>, effect: Effect, now: Now) {
        let effect_id = EffectId(self.new_id());
        let Some(flight) = self.flights.get_mut(&id) else {
            return;
        };
        flight.waits_for = Some(effect_id);
        let (limit, overdue) = limit(&effect);
        let deadline = now.boot.plus(limit);
        self.timers.push(Reverse((deadline, effect_id)));
        self.effects.insert(effect_id, Waiting { flight: id, flow, overdue });
        if !matches!(effect, Effect::Sleep(_)) {
            self.todo.push_back(Todo::Do { id: effect_id, effect, deadline });
        }
    }

    /// The flow that waits for this reply.
    pub(super) fn take_effect(&mut self, id: EffectId, reply: &Reply) -> Option<(FlightId, Flow<Output>)> {
        let fits = self.effects.get(&id)?.flow.waits_for(reply);
        let waiting = fits.then(|| self.effects.remove(&id)).flatten()?;
        self.no_longer_waiting(waiting.flight);
        Some((waiting.flight, waiting.flow))
    }

    /// The next flow whose effect is overdue, with the reply that says so.
    pub(super) fn take_due(&mut self, now: Now) -> Option<(FlightId, Flow<Output>, Reply)> {
        while let Some(Reverse((due, id))) = self.timers.peek().copied() {
            if due > now.boot {
                return None;
            }
            self.timers.pop();
            if let Some(Waiting { flight, flow, overdue }) = self.effects.remove(&id) {
                self.no_longer_waiting(flight);
                let reply = match self.take_from_queue(id) {
                    Some(effect) => effect.declined("nobody performed it before its time was over"),
                    None if overdue == Reply::Slept => overdue,
                    None => {
                        self.todo.push_back(Todo::Cancel(id));
                        overdue
                    }
                };
                return Some((flight, flow, reply));
            }
        }
        None
    }

    fn no_longer_waiting(&mut self, id: FlightId) {
        if let Some(flight) = self.flights.get_mut(&id) {
            flight.waits_for = None;
        }
    }

    pub(super) fn wake_at(&mut self) -> Option<Millis> {
        while let Some(Reverse((due, id))) = self.timers.peek().copied() {
            if self.effects.contains_key(&id) {
                return Some(due);
            }
            self.timers.pop();
        }
        None
    }

    /// Keeps what is to be kept, then tells everybody who waits. Gives back who has to be planned for again.
    #[must_use]
    pub(super) fn finish(&mut self, id: FlightId, outcome: &Outcome, now: Now) -> Vec<Behind> {
        let Some(flight) = self.remove(id) else { return Vec::new() };
        match (outcome, flight.shared) {
            (Ok(Output::Token(token)), Some((key, _))) => self.slot(key).keep(token),
            (Err(error), Some((key, _))) => self.slot(key).failed(error, now),
            (Ok(Output::LoggedIn(login)), _) => {
                self.slot(GrantKey::Session(login.key.clone())).replace(&login.token);
            }
            _ => {}
        }
        for caller in flight.callers {
            self.calls.remove(&caller);
            self.push_outcome(caller, outcome.clone());
        }
        flight.behind
    }

    pub(super) fn push_outcome(&mut self, call: CallId, outcome: Outcome) {
        self.outcomes.push_back((call, outcome));
    }

    pub(super) fn next_todo(&mut self) -> Option<Todo> {
        self.todo.pop_front()
    }

    pub(super) fn next_outcome(&mut self) -> Option<(CallId, Outcome)> {
        self.outcomes.pop_front()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.flights.is_empty() && self.todo.is_empty()
    }

    /// Uses a login up (RFC 9700 section 4.2.4). False if it was before.
    pub(super) fn use_up(&mut self, pending: &PendingLogin, now: Now) -> bool {
        self.used_up.retain(|_, expires| *expires > now.wall);
        self.used_up.insert(pending.state.clone(), pending.expires).is_none()
    }
}

/// How long an effect may take, and the reply when it took longer.
fn limit(effect: &Effect) -> (Duration, Reply) {
    match effect {
        Effect::Sleep(duration) => (*duration, Reply::Slept),
        Effect::Store(_) => {
            let failure = StoreFailure::new(StoreFailureKind::Unavailable, "it did not answer within 10 s");
            (STORE_TIMEOUT, Reply::Store(StoreReply::Failed(failure)))
        }
        Effect::Http(request) => {
            let detail = "nobody reported what became of the request".to_owned();
            let failure = HttpFailure { kind: HttpFailureKind::TimedOut, sent: Sent::Maybe, detail };
            (request.timeout + SLACK, Reply::Http(Err(failure)))
        }
    }
}
