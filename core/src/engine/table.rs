//! The engine's books: calls, flights, effects, timers. Nothing here steps a flow.

#[cfg(test)]
mod tests;
mod waiting;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque};
use std::time::Duration;

use super::operation::{Gives, Operation, Outcome, Output, Purpose};
use super::plan::{Landed, Later};
use super::queue::Queue;
use super::slots::Slots;
use crate::effect::Effect;
use crate::event::{Event, Subject};
use crate::flow::Flow;
use crate::login::PendingLogin;
use crate::seed::Seed;
use crate::session::Revocation;
use crate::store::{Collection, RecordKey};
use crate::time::{Millis, Now, UnixMillis};
pub(super) use waiting::Due;
use waiting::{Timer, Waiting};

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
    /// Perform the effect, or decline it if `deadline` has passed already.
    Do {
        /// Goes back with the reply.
        id: EffectId,
        /// What to do.
        effect: Effect,
        /// The latest moment to begin. After it, decline the effect: nothing may be sent, and no lease taken, on a
        /// decision that is so old. What else is asked of the store may be done however late.
        deadline: Millis,
    },
    /// Nobody waits for this effect any more: give it up if that is easy.
    Cancel(EffectId),
}

/// How long after a failed save the next one is tried, and by how much those of different sessions are spread.
const SAVE_AGAIN: Duration = Duration::from_secs(5);
const SAVE_SPREAD_MS: u64 = 5_000;
/// How many events wait for whoever reads them.
const EVENTS: usize = 1024;
/// How many logins are remembered before those that have expired are looked for.
const FIRST_SWEEP: usize = 1024;

pub(super) struct Table {
    last_id: u64,
    pub(super) slots: Slots,
    flights: BTreeMap<FlightId, Flight>,
    by_key: BTreeMap<RecordKey, FlightId>,
    calls: BTreeMap<CallId, FlightId>,
    effects: BTreeMap<EffectId, Waiting>,
    timers: BinaryHeap<Reverse<(Millis, Timer)>>,
    todo: VecDeque<Todo>,
    outcomes: VecDeque<(CallId, Outcome)>,
    events: VecDeque<Event>,
    /// How many flights for tokens may be at work, and how many are.
    concurrency: usize,
    at_work: usize,
    queue: Queue<(FlightId, Flow<Landed>)>,
    /// Sessions that the store did not take, and when they are tried again.
    later: BTreeMap<RecordKey, (Later, Millis)>,
    /// The logins whose callback was handled, until they would have expired anyway.
    used_up: BTreeMap<String, UnixMillis>,
    /// When there are so many, those that have expired are dropped.
    used_up_sweep_at: usize,
}

struct Flight {
    purpose: Purpose,
    /// Whose token it is for.
    subject: Option<Subject>,
    callers: BTreeSet<CallId>,
    behind: Vec<Behind>,
    waits_for: Option<EffectId>,
    at_work: bool,
    /// It has not begun, or sleeps with nothing in hand: nothing is lost if it never goes on.
    rests: bool,
}

/// A caller for whom the flight under way will not do.
pub(super) struct Behind {
    pub(super) call: Option<CallId>,
    pub(super) operation: Box<Operation>,
    pub(super) seed: Seed,
}

impl Table {
    pub(super) fn new(concurrency: usize, tokens_in_memory: usize) -> Self {
        Self {
            last_id: 0,
            slots: Slots::new(tokens_in_memory),
            flights: BTreeMap::new(),
            by_key: BTreeMap::new(),
            calls: BTreeMap::new(),
            effects: BTreeMap::new(),
            timers: BinaryHeap::new(),
            todo: VecDeque::new(),
            outcomes: VecDeque::new(),
            events: VecDeque::new(),
            concurrency,
            at_work: 0,
            queue: Queue::default(),
            later: BTreeMap::new(),
            used_up: BTreeMap::new(),
            used_up_sweep_at: FIRST_SWEEP,
        }
    }

    fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn new_call(&mut self) -> CallId {
        CallId(self.new_id())
    }

    /// The flight for that key, and what it gives.
    pub(super) fn flight_of(&self, key: &RecordKey) -> Option<(FlightId, Gives)> {
        let id = *self.by_key.get(key)?;
        Some((id, self.flights.get(&id)?.purpose.gives()?))
    }

    /// What this process knows of a session and the store does not, for the flight that takes care of it now.
    pub(super) fn take_later(&mut self, key: &RecordKey) -> Option<Later> {
        self.later.remove(key).map(|(later, _)| later)
    }

    /// Begins a flight. Its flow is given back if it may be stepped now; otherwise it waits for its turn.
    pub(super) fn start(
        &mut self,
        call: Option<CallId>,
        purpose: Purpose,
        subject: Option<Subject>,
        flow: Flow<Landed>,
    ) -> Option<(FlightId, Flow<Landed>)> {
        let id = FlightId(self.new_id());
        let collection = purpose.key().map(|key| key.collection.clone());
        if let Some(key) = purpose.key() {
            self.by_key.insert(key.clone(), id);
        }
        let (callers, behind) = (BTreeSet::new(), Vec::new());
        let flight =
            Flight { purpose, subject, callers, behind, waits_for: None, at_work: false, rests: false };
        self.flights.insert(id, flight);
        self.join(id, call);
        match collection {
            Some(collection) => self.take_a_turn(&collection, id, flow),
            None => Some((id, flow)),
        }
    }

    fn take_a_turn(
        &mut self,
        collection: &Collection,
        id: FlightId,
        flow: Flow<Landed>,
    ) -> Option<(FlightId, Flow<Landed>)> {
        if self.at_work < self.concurrency {
            self.set_at_work(id, true);
            return Some((id, flow));
        }
        self.set_at_rest(id, !flow.has_unsaved());
        self.queue.push(collection, (id, flow));
        None
    }

    /// The next flow that waits for its turn, if there is room for it.
    pub(super) fn next_in_queue(&mut self) -> Option<(FlightId, Flow<Landed>)> {
        if self.at_work >= self.concurrency {
            return None;
        }
        let (id, flow) = self.queue.pop()?;
        self.set_at_work(id, true);
        self.set_at_rest(id, false);
        Some((id, flow))
    }

    /// A flight that sleeps leaves its place to another; when it wakes there may be one too many for a while.
    fn set_at_work(&mut self, id: FlightId, at_work: bool) {
        let Some(flight) = self.flights.get_mut(&id) else { return };
        if flight.purpose.key().is_some() && flight.at_work != at_work {
            flight.at_work = at_work;
            self.at_work = if at_work { self.at_work + 1 } else { self.at_work.saturating_sub(1) };
        }
    }

    fn set_at_rest(&mut self, id: FlightId, rests: bool) {
        if let Some(flight) = self.flights.get_mut(&id) {
            flight.rests = rests;
        }
    }

    pub(super) fn join(&mut self, id: FlightId, call: Option<CallId>) {
        if let (Some(flight), Some(call)) = (self.flights.get_mut(&id), call) {
            flight.callers.insert(call);
            self.calls.insert(call, id);
        }
    }

    pub(super) fn wait_behind(
        &mut self,
        id: FlightId,
        call: Option<CallId>,
        operation: Box<Operation>,
        seed: Seed,
    ) {
        let Some(flight) = self.flights.get_mut(&id) else { return };
        flight.behind.push(Behind { call, operation, seed });
        if let Some(call) = call {
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
        flight.callers.remove(&call);
        flight.behind.retain(|behind| behind.call != Some(call));
        if flight.callers.is_empty() && flight.purpose.key().is_none() && !self.goes_on_for_others(id) {
            self.cancel(id);
        }
    }

    /// A flow that is being stepped just now is dropped when it comes back and finds its flight gone.
    fn cancel(&mut self, id: FlightId) {
        let effect = self.remove(id).and_then(|flight| flight.waits_for);
        let Some(effect) = effect else { return };
        self.effects.remove(&effect);
        if self.take_from_todo(effect).is_none() {
            self.todo.push_back(Todo::Cancel(effect));
        }
    }

    /// An effect that nobody has been told to perform yet.
    fn take_from_todo(&mut self, effect: EffectId) -> Option<Effect> {
        let place = self.todo.iter().position(|todo| matches!(todo, Todo::Do { id, .. } if *id == effect))?;
        match self.todo.remove(place)? {
            Todo::Do { effect, .. } => Some(effect),
            Todo::Cancel(_) => None,
        }
    }

    fn remove(&mut self, id: FlightId) -> Option<Flight> {
        self.set_at_work(id, false);
        let flight = self.flights.remove(&id)?;
        if let Some(key) = flight.purpose.key()
            && self.by_key.get(key) == Some(&id)
        {
            self.by_key.remove(key);
        }
        Some(flight)
    }

    /// Makes everything that waits for being saved due now.
    pub(super) fn save_now(&mut self, now: Now) {
        for (key, (_, due)) in &mut self.later {
            *due = now.boot;
            self.timers.push(Reverse((now.boot, Timer::SaveAgain(key.clone()))));
        }
    }

    /// Keeps what is to be kept, then tells everybody who waits. Gives back who has to be planned for again.
    #[must_use]
    pub(super) fn finish(
        &mut self,
        id: FlightId,
        outcome: &Outcome,
        later: Option<Later>,
        now: Now,
        jitter: u64,
    ) -> Vec<Behind> {
        let Some(flight) = self.remove(id) else { return Vec::new() };
        if let (Some(later), Some(key)) = (later, flight.purpose.key()) {
            let due = now.boot.plus(SAVE_AGAIN + Duration::from_millis(jitter % SAVE_SPREAD_MS));
            self.timers.push(Reverse((due, Timer::SaveAgain(key.clone()))));
            self.later.insert(key.clone(), (later, due));
        }
        match (outcome, &flight.purpose) {
            (Ok(Output::Token(token)), Purpose::Token { key, .. }) => {
                self.slots.slot(key).keep(token, now, jitter);
            }
            (Ok(Output::Ended(ended)), Purpose::End { key })
                if ended.revocation == Revocation::NothingToRevoke =>
            {
                self.slots.slot(key).clear();
            }
            (Err(error), Purpose::Token { key, .. }) => {
                self.slots.slot(key).failed(error, now, jitter);
                if let Some(subject) = flight.subject {
                    self.tell([Event::RefreshFailed { subject, error: error.clone() }]);
                }
            }
            (Ok(Output::LoggedIn(login)), _) => {
                self.slots.slot(&login.key.record_key()).replace(&login.token);
            }
            _ => {}
        }
        for caller in flight.callers {
            self.tell_caller(Some(caller), outcome.clone());
        }
        flight.behind
    }

    pub(super) fn tell_caller(&mut self, call: Option<CallId>, outcome: Outcome) {
        let Some(call) = call else { return };
        self.calls.remove(&call);
        self.outcomes.push_back((call, outcome));
    }

    pub(super) fn next_todo(&mut self) -> Option<Todo> {
        self.todo.pop_front()
    }

    pub(super) fn next_outcome(&mut self) -> Option<(CallId, Outcome)> {
        self.outcomes.pop_front()
    }

    /// Takes note of what a flight tells. Gives back who has to be planned for again: a session that has ended has
    /// ended for everybody, and only who ended it waits for the server's word on that.
    #[must_use]
    pub(super) fn told_by(&mut self, id: FlightId, events: Vec<Event>) -> Vec<Behind> {
        let ended = events.iter().any(|event| matches!(event, Event::SessionEnded { .. }));
        self.tell(events);
        let Some(flight) = self.flights.get_mut(&id).filter(|_| ended) else { return Vec::new() };
        let Some(key) = flight.purpose.key() else { return Vec::new() };
        self.slots.slot(key).clear();
        if matches!(flight.purpose, Purpose::Token { .. }) {
            return Vec::new();
        }
        self.by_key.remove(key);
        std::mem::take(&mut flight.behind)
    }

    /// Adds events. Where nobody reads them the oldest are dropped.
    fn tell(&mut self, events: impl IntoIterator<Item = Event>) {
        self.events.extend(events);
        let surplus = self.events.len().saturating_sub(EVENTS);
        self.events.drain(..surplus);
    }

    pub(super) fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.flights.is_empty() && self.todo.is_empty() && self.later.is_empty()
    }

    pub(super) fn has_nothing_to_lose(&self) -> bool {
        self.flights.values().all(|flight| flight.rests) && self.todo.is_empty() && self.later.is_empty()
    }

    /// Uses a login up (RFC 9700 section 4.2.4). False if it was before.
    pub(super) fn use_up(&mut self, pending: &PendingLogin, now: Now) -> bool {
        if self.used_up.len() >= self.used_up_sweep_at {
            self.used_up.retain(|_, expires| *expires > now.wall);
            self.used_up_sweep_at = FIRST_SWEEP.max(2 * self.used_up.len());
        }
        self.used_up.insert(pending.state.clone(), pending.expires).is_none()
    }
}
