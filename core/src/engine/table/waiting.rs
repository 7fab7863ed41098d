//! What flights wait for: replies, and moments.

use std::cmp::Reverse;
use std::time::Duration;

use super::{EffectId, FlightId, Table, Todo};
use crate::effect::{Effect, Reply, TIME_TO_BEGIN};
use crate::engine::operation::Purpose;
use crate::engine::plan::Landed;
use crate::flow::Flow;
use crate::http::{HttpFailure, HttpFailureKind, Sent};
use crate::store::{RecordKey, StoreFailure, StoreFailureKind, StoreReply};
use crate::time::{Millis, Now};

/// The engine gives the performer this long beyond the time limit that it was told, so that the performer's own,
/// better informed failure comes first.
const SLACK: Duration = Duration::from_secs(1);
/// How long a store may take for one operation.
const STORE_TIMEOUT: Duration = Duration::from_secs(6);

/// What is due at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    Overdue(EffectId),
    SaveAgain(RecordKey),
}

/// What has come due.
pub(crate) enum Due {
    /// An effect: its flow goes on with this reply.
    Reply(FlightId, Flow<Landed>, Reply),
    /// A flow that saves a session begins.
    Begin(FlightId, Flow<Landed>),
}

/// A flow that waits for an effect.
pub(super) struct Waiting {
    flight: FlightId,
    flow: Flow<Landed>,
    overdue: Reply,
    /// Whether its time was prolonged already.
    prolonged: bool,
}

impl Table {
    /// Puts the flow aside until the effect's reply comes, or its time is over.
    pub(crate) fn wait_for(&mut self, id: FlightId, flow: Flow<Landed>, effect: Effect, now: Now) {
        let effect_id = EffectId(self.new_id());
        self.set_at_work(id, !matches!(effect, Effect::Sleep(_)));
        let Some(flight) = self.flights.get_mut(&id) else {
            return;
        };
        flight.waits_for = Some(effect_id);
        flight.rests = matches!(effect, Effect::Sleep(_)) && !flow.has_unsaved();
        let (limit, overdue) = limit(&effect);
        let deadline = now.boot.plus(TIME_TO_BEGIN);
        self.timers.push(Reverse((now.boot.plus(limit), Timer::Overdue(effect_id))));
        self.effects.insert(effect_id, Waiting { flight: id, flow, overdue, prolonged: false });
        if !matches!(effect, Effect::Sleep(_)) {
            self.todo.push_back(Todo::Do { id: effect_id, effect, deadline });
        }
    }

    /// The flow that waits for this reply.
    pub(crate) fn take_effect(&mut self, id: EffectId, reply: &Reply) -> Option<(FlightId, Flow<Landed>)> {
        let fits = self.effects.get(&id)?.flow.waits_for(reply);
        let waiting = fits.then(|| self.effects.remove(&id)).flatten()?;
        self.no_longer_waiting(waiting.flight);
        Some((waiting.flight, waiting.flow))
    }

    /// What is due next.
    pub(crate) fn take_due(&mut self, now: Now) -> Option<Due> {
        while let Some(Reverse((due, _))) = self.timers.peek() {
            if *due > now.boot {
                return None;
            }
            let (at, timer) = self.timers.pop()?.0;
            let due = match timer {
                Timer::Overdue(effect) if self.prolong(effect, now.boot.since(at), now) => None,
                Timer::Overdue(effect) => self.take_overdue(effect),
                Timer::SaveAgain(key) => self.begin_to_save(&key, now),
            };
            if due.is_some() {
                return due;
            }
        }
        None
    }

    /// Whoever comes late may have slept: a stopped process, a closed laptop. The answer to a request may have come
    /// meanwhile, with tokens that nobody else has, so its performer gets the time to hand it over, once. A store that
    /// was stopped with its process has everybody's work before it.
    fn prolong(&mut self, id: EffectId, late: Duration, now: Now) -> bool {
        let handed_out =
            !self.todo.iter().any(|todo| matches!(todo, Todo::Do { id: queued, .. } if *queued == id));
        let Some(waiting) = self.effects.get_mut(&id) else { return false };
        let more = match waiting.overdue {
            _ if waiting.prolonged || !handed_out => return false,
            Reply::Slept => return false,
            Reply::Store(_) if late >= SLACK => STORE_TIMEOUT,
            _ => SLACK,
        };
        waiting.prolonged = true;
        self.timers.push(Reverse((now.boot.plus(more), Timer::Overdue(id))));
        true
    }

    fn take_overdue(&mut self, id: EffectId) -> Option<Due> {
        let Waiting { flight, flow, overdue, .. } = self.effects.remove(&id)?;
        self.no_longer_waiting(flight);
        let reply = match self.take_from_todo(id) {
            Some(effect) => effect.declined("nobody performed it before its time was over"),
            None if overdue == Reply::Slept => overdue,
            None => {
                self.todo.push_back(Todo::Cancel(id));
                overdue
            }
        };
        Some(Due::Reply(flight, flow, reply))
    }

    fn begin_to_save(&mut self, key: &RecordKey, now: Now) -> Option<Due> {
        self.later.get(key).filter(|(_, due)| *due <= now.boot)?;
        let later = self.take_later(key)?;
        let subject = later.subject();
        let flow = later.into_flow();
        let purpose = Purpose::Token { key: key.clone(), newer_than: None };
        let (id, flow) = self.start(None, purpose, Some(subject), flow)?;
        Some(Due::Begin(id, flow))
    }

    /// Leaves a flight without callers alone while others wait for what it is doing, and has it end after that. Nothing is
    /// lost if it does not get there.
    pub(super) fn goes_on_for_others(&mut self, id: FlightId) -> bool {
        let Some(flight) = self.flights.get_mut(&id) else { return false };
        let waiting = flight.waits_for.and_then(|effect| self.effects.get(&effect));
        let Some(waiting) = waiting.filter(|waiting| waiting.flow.serves_others()) else { return false };
        waiting.flow.abandon();
        flight.rests = true;
        true
    }

    fn no_longer_waiting(&mut self, id: FlightId) {
        if let Some(flight) = self.flights.get_mut(&id) {
            flight.waits_for = None;
            flight.rests = false;
        }
    }

    pub(crate) fn wake_at(&mut self) -> Option<Millis> {
        while let Some(Reverse((due, timer))) = self.timers.peek() {
            let stands = match timer {
                Timer::Overdue(effect) => self.effects.contains_key(effect),
                Timer::SaveAgain(key) => self.later.get(key).is_some_and(|(_, at)| at == due),
            };
            if stands {
                return Some(*due);
            }
            self.timers.pop();
        }
        None
    }
}

/// How long an effect may take, and the reply when it took longer.
fn limit(effect: &Effect) -> (Duration, Reply) {
    match effect {
        Effect::Sleep(duration) => (*duration, Reply::Slept),
        Effect::Store(_) => {
            let failure = StoreFailure::new(StoreFailureKind::Unavailable, "it did not answer within 6 s");
            (STORE_TIMEOUT, Reply::Store(StoreReply::Failed(failure)))
        }
        Effect::Http(request) => {
            let detail = "nobody reported what became of the request".to_owned();
            let failure = HttpFailure { kind: HttpFailureKind::TimedOut, sent: Sent::Maybe, detail };
            (TIME_TO_BEGIN + request.timeout + SLACK, Reply::Http(Err(failure)))
        }
    }
}
