//! A host: a real engine, the state of its process, and what the judge has seen it learn.

use grantline_core::{Attempt, CallId, EffectId, Engine, Error, Generation, Record, Settings};
use std::time::Duration;

use crate::clock::{Clock, Ms};
use crate::schedule::Wish;
use crate::server::TokenId;
use crate::world::{Death, Event};

pub(crate) struct Host {
    pub(crate) clock: Clock,
    /// Nothing, while the process is dead.
    pub(crate) engine: Option<Engine>,
    /// How many processes there were before this one.
    pub(crate) life: u32,
    pub(crate) asleep: Option<Sleep>,
    /// It is about to end, and serves nobody.
    pub(crate) ends: Option<Death>,
    /// How long it has slept in all.
    pub(crate) slept: Ms,
    /// Until then it does not reach the store.
    pub(crate) cut_off_until: Ms,
    pub(crate) waiting: Vec<Waiting>,
    /// Those who will ask again when the process has started anew.
    pub(crate) left_behind: Vec<(usize, Ms)>,
    pub(crate) views: Vec<View>,
    pub(crate) timer_at: Option<Ms>,
    /// How many effects and calls there were, over all lives.
    pub(crate) effects: u64,
    pub(crate) calls: u64,
}

/// A stopped process.
#[derive(Debug)]
pub(crate) struct Sleep {
    pub(crate) since: Ms,
    pub(crate) timers_first: bool,
    /// What reached it meanwhile.
    pub(crate) deferred: Vec<Event>,
}

/// A caller who waits for an outcome.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiting {
    pub(crate) call: CallId,
    pub(crate) caller: usize,
    /// Until when it keeps asking.
    pub(crate) until: Ms,
    pub(crate) session: usize,
    pub(crate) wish: Wish,
    pub(crate) since: Ms,
    pub(crate) slept_before: Ms,
}

/// What one process has learnt of one session, told by the replies that its engine took.
#[derive(Debug, Default)]
pub(crate) struct View {
    pub(crate) attempt: Option<Held>,
    pub(crate) refused: Option<Refused>,
    /// Whether the last that the store told of the session is that it has ended.
    pub(crate) saw_ended: bool,
    /// The last refresh token that the server gave it in the place of another.
    pub(crate) last: Option<TokenId>,
}

/// A lease that the store gave to it.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) attempt: Attempt,
    pub(crate) record: Record,
    pub(crate) since: Ms,
    /// Whether an earlier attempt had left its mark, as the store told.
    pub(crate) found_mark: bool,
    /// Whether its answer is on its way to the store: what is sent from then on is sent without a lease.
    pub(crate) saving: bool,
    /// The requests that were sent on it, and what is known of each.
    pub(crate) sent: Vec<(EffectId, Known)>,
}

/// Who sends a refresh request.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    pub(crate) attempt: Attempt,
    /// The generation that the store is taken to hold.
    pub(crate) spent: Generation,
    /// Whether an answer to this refresh token was lost before: to an earlier attempt, or on this lease.
    pub(crate) after_a_loss: bool,
    /// Whether it refreshes what the store did not take: then it is alone with its refresh token, and has no lease.
    pub(crate) in_memory: bool,
}

/// What a host knows of a request that it sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// It may have arrived, and no answer that can be read has come, at least not yet.
    Nothing,
    /// It never left.
    NotSent,
    /// The server's answer.
    Answer,
}

/// The server's word that a refresh token is dead, as it reached a host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refused {
    pub(crate) attempt: Attempt,
    pub(crate) spent: Generation,
    /// Whether an answer to the same refresh token had been lost before.
    pub(crate) after_a_loss: bool,
    /// The living record that the store held when the server said so.
    pub(crate) stored_then: Option<Generation>,
}

impl Host {
    pub(crate) fn new(clock: Clock, sessions: usize) -> Self {
        Self {
            clock,
            engine: None,
            life: 0,
            asleep: None,
            ends: None,
            slept: 0,
            cut_off_until: 0,
            waiting: Vec::new(),
            left_behind: Vec::new(),
            views: views(sessions),
            timer_at: None,
            effects: 0,
            calls: 0,
        }
    }

    /// Starts the process: its memory is empty.
    pub(crate) fn start(&mut self, http_timeout: Ms) -> Result<(), Error> {
        let limit = Duration::from_millis(http_timeout.cast_unsigned());
        self.engine = Some(Engine::with(&Settings::default().http_timeout(limit)?));
        self.views = views(self.views.len());
        self.timer_at = None;
        Ok(())
    }

    /// The process dies. What it was asked for is forgotten; who asked comes again.
    pub(crate) fn die(&mut self) {
        (self.engine, self.asleep, self.ends) = (None, None, None);
        self.life += 1;
        self.left_behind.extend(self.waiting.drain(..).map(|waiting| (waiting.caller, waiting.until)));
    }

    pub(crate) fn is_alive(&self, life: u32) -> bool {
        self.engine.is_some() && self.life == life
    }
}

fn views(sessions: usize) -> Vec<View> {
    std::iter::repeat_with(View::default).take(sessions).collect()
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Host").field("life", &self.life).finish_non_exhaustive()
    }
}

impl View {
    /// Who sends, if it sends now.
    ///
    /// `after_mark`: whether an earlier attempt's mark stood there when the lease was given.
    pub(crate) fn sender(&self, after_mark: impl Fn(Attempt) -> bool) -> Option<Sender> {
        let held = self.attempt.as_ref()?;
        let lost = self.sent().any(|known| known == Known::Nothing);
        let after_a_loss = lost || !held.saving && after_mark(held.attempt);
        let (attempt, spent) = (held.attempt, held.record.generation);
        Some(Sender { attempt, spent, after_a_loss, in_memory: held.saving })
    }

    /// What is known of the requests that were sent on the present lease, or since its answer could not be saved.
    pub(crate) fn sent(&self) -> impl Iterator<Item = Known> + '_ {
        self.attempt.iter().flat_map(|held| &held.sent).map(|(_, known)| *known)
    }

    pub(crate) fn sends(&mut self, id: EffectId, known: Known) {
        self.attempt.iter_mut().for_each(|held| held.sent.push((id, known)));
    }

    /// Something is known now of a request that was sent on the present lease.
    pub(crate) fn know(&mut self, id: EffectId, known: Known) {
        let sent = self.attempt.iter_mut().flat_map(|held| &mut held.sent);
        if let Some((_, place)) = sent.into_iter().find(|(of, _)| *of == id) {
            *place = known;
        }
    }
}
