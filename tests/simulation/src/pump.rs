//! The pump of every host, as the engine's documentation asks for it, and the faults that befall any effect.

use grantline_core::{
    Attempt, Effect, EffectId, Engine, Millis, Receipt, Record, RecordOperation, Reply, StoreRequest, Todo,
};

use crate::clock::Ms;
use crate::faults::{Class, Phase, What};
use crate::host::{Held, Known, Refused, Sender};
use crate::server::{Reached, TokenId};
use crate::words;
use crate::world::{Death, Event, World};

/// An effect that is to be performed, and what befalls it.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) id: EffectId,
    pub(crate) effect: Effect,
    pub(crate) deadline: Millis,
    pub(crate) what: Option<What>,
}

/// What a host learns by a reply, if its engine takes it.
#[derive(Clone, Debug)]
pub(crate) enum Fact {
    Nothing,
    /// New tokens.
    Tokens {
        session: usize,
        id: EffectId,
        sender: Sender,
        refresh: TokenId,
    },
    /// The refresh token is dead.
    Refused {
        session: usize,
        id: EffectId,
        refused: Refused,
    },
    /// Something else about a request.
    Request {
        session: usize,
        id: EffectId,
        known: Known,
    },
    /// An answer is lost; its request was served at that time, if it was.
    NoAnswer {
        session: usize,
        served: Option<Ms>,
    },
    /// The lease is its own.
    Begun {
        session: usize,
        attempt: Attempt,
        record: Record,
        found_mark: bool,
    },
    /// New tokens are saved.
    Saved {
        session: usize,
    },
    /// The session lives, or has ended, as the store has it.
    Standing {
        session: usize,
        ended: bool,
    },
}

impl World<'_> {
    /// Does what the engine has to be done, hands out its outcomes, and minds when it wants to be woken.
    pub(crate) fn drain(&mut self, host: usize) {
        while let Some(engine) = self.awake(host) {
            match engine.next() {
                Some(Todo::Do { id, effect, deadline }) => self.take(host, id, effect, deadline),
                Some(Todo::Cancel(_)) => {}
                None => break,
            }
        }
        while let Some((call, outcome)) = self.awake(host).and_then(Engine::next_outcome) {
            self.outcome(host, call, outcome);
        }
        while let Some(event) = self.awake(host).and_then(Engine::next_event) {
            self.judge_event(host, &event);
        }
        self.set_timer(host);
        self.end_if_idle(host);
    }

    /// A process that is to end does so as soon as nothing would be lost by it.
    fn end_if_idle(&mut self, host: usize) {
        let ends = self.hosts[host].ends;
        if let Some(death) = ends.filter(|_| self.awake(host).is_some_and(Engine::has_nothing_to_lose)) {
            self.crash(host, death.restart);
        }
    }

    fn awake(&self, host: usize) -> Option<&Engine> {
        let host = &self.hosts[host];
        host.engine.as_ref().filter(|_| host.asleep.is_none())
    }

    fn set_timer(&mut self, host: usize) {
        let wanted = self.awake(host).and_then(Engine::wake_at);
        let here = &mut self.hosts[host];
        let Some(at) = wanted.map(|boot| here.clock.when(boot).max(self.now)) else { return };
        if here.timer_at.is_none_or(|set| at < set) {
            here.timer_at = Some(at);
            let life = here.life;
            self.later(at, Event::Timer { host, life });
        }
    }

    pub(crate) fn timer(&mut self, host: usize) {
        let here = &mut self.hosts[host];
        here.timer_at = None;
        if let Some(engine) = &here.engine {
            engine.advance(here.clock.now(self.now));
        }
        self.drain(host);
    }

    fn take(&mut self, host: usize, id: EffectId, effect: Effect, deadline: Millis) {
        let class = Class::of(&effect);
        self.note_save(host, &effect);
        crate::say!(self, "host {host} is to {}", words::effect(&effect));
        let what = self.fault(class).filter(|what| !self.strikes_the_world(host, *what));
        match what {
            Some(What::Crash { phase: Phase::Decided, restart }) => return self.crash(host, restart),
            Some(What::Sleep { phase: Phase::Decided, time, timers_first }) => {
                self.sleep(host, time, timers_first);
            }
            _ => {}
        }
        let life = self.hosts[host].life;
        self.hosts[host].effects += 1;
        let pause = self.chance("pause", host, self.hosts[host].effects).between(0, 2);
        let job = Job { id, effect, deadline, what };
        self.later(self.now + pause, Event::Perform { host, life, job });
    }

    /// From then on a host has no lease for what it sends.
    fn note_save(&mut self, host: usize, effect: &Effect) {
        let Effect::Store(StoreRequest::On { key, operation: RecordOperation::Commit { .. } }) = effect
        else {
            return;
        };
        let session = self.client.session_named(&key.name);
        if let Some(held) = session.and_then(|session| self.hosts[host].views[session].attempt.as_mut()) {
            held.saving = true;
            held.sent.clear();
        }
    }

    /// Faults that strike no effect, but happen at that moment.
    fn strikes_the_world(&mut self, host: usize, what: What) -> bool {
        match what {
            What::Shutdown { restart } => self.shut_down(host, Death { restart }),
            What::StoreOutage { time, for_all: true } => self.store.down_until = self.now + time,
            What::StoreOutage { time, .. } => self.hosts[host].cut_off_until = self.now + time,
            What::WallJump { by } => {
                let clock = &mut self.hosts[host].clock;
                clock.wall_ahead = clock.wall_ahead.saturating_add(by);
            }
            What::StoreClockJump { by } => {
                self.store.clock.boot_at_zero += by;
                self.store.clock_jumped = true;
            }
            What::GrantEnds { why } => {
                if let Some(kept) = self.store.kept(0) {
                    self.server.end(kept.issued.0, why);
                }
            }
            _ => return false,
        }
        true
    }

    pub(crate) fn perform(&mut self, host: usize, job: Job) {
        let Job { id, effect, deadline, what } = job;
        if self.hosts[host].clock.boot(self.now) >= deadline {
            crate::say!(self, "host {host} performs nothing after its deadline");
            let declined = effect.declined("its deadline has passed");
            return self.take_reply(host, id, declined, Fact::Nothing);
        }
        match effect {
            Effect::Http(request) => self.send(host, id, &request, what),
            Effect::Store(request) => self.ask_store(host, id, request, what),
            other => {
                let declined = other.declined("the simulation does not know it");
                self.take_reply(host, id, declined, Fact::Nothing);
            }
        }
    }

    /// When what is sent now arrives, after the faults that strike its sender; nothing, if it never leaves.
    pub(crate) fn leaves(&mut self, host: usize, way: Ms, what: Option<What>) -> Option<Ms> {
        match what {
            Some(What::Crash { phase: Phase::OnTheWire, restart }) => {
                self.crash(host, restart);
                None
            }
            Some(What::Crash { phase: Phase::Waiting, restart }) => {
                self.crash(host, restart);
                Some(self.now + way)
            }
            Some(What::Sleep { phase: Phase::OnTheWire, time, timers_first }) => {
                self.sleep(host, time, timers_first);
                Some(self.now + time + way)
            }
            Some(What::Sleep { phase: Phase::Waiting, time, timers_first }) => {
                self.sleep(host, time, timers_first);
                Some(self.now + way)
            }
            _ => Some(self.now + way),
        }
    }

    /// Brings a reply back, with the faults that strike when it is there.
    pub(crate) fn bring(
        &mut self,
        (host, life): (usize, u32),
        id: EffectId,
        at: Ms,
        (reply, fact): (Reply, Fact),
        what: Option<What>,
    ) {
        let dies = match what {
            Some(What::Crash { phase: Phase::Answered, restart }) => Some(Death { restart }),
            _ => None,
        };
        let event = Event::Reply { host, life, id, reply, fact, dies };
        match what {
            Some(What::Sleep { phase: Phase::Answered, time, timers_first })
                if self.hosts[host].is_alive(life) && self.hosts[host].asleep.is_none() =>
            {
                // It stops just before the reply is there.
                self.sleep(host, time + at - self.now, timers_first);
                self.later(at, event);
            }
            _ => self.later(at, event),
        }
    }

    pub(crate) fn take_reply(&mut self, host: usize, id: EffectId, reply: Reply, fact: Fact) {
        let here = &self.hosts[host];
        let Some(engine) = &here.engine else { return };
        let told = words::reply(&reply);
        match engine.reply(id, reply, here.clock.now(self.now)) {
            Receipt::Accepted => {
                crate::say!(self, "host {host} learns: {told}");
                self.learn(host, fact);
            }
            Receipt::Stale => crate::say!(self, "host {host} ignores, for it comes too late: {told}"),
        }
        self.drain(host);
    }

    /// An answer that reaches a process which lives has reached it, whether it runs just now or is stopped.
    pub(crate) fn note_arrival(&mut self, event: &Event) {
        let Event::Reply { host, life, fact: Fact::Tokens { sender, refresh, .. }, dies: None, .. } = event
        else {
            return;
        };
        let (host, life, attempt) = (*host, *life, sender.attempt);
        let reached = &mut self.server.tokens[*refresh].reached;
        let known = reached.iter().any(|by| (by.host, by.life) == (host, life));
        if self.hosts[host].is_alive(life) && !known {
            reached.push(Reached { host, life, attempt, at: self.now });
        }
    }

    fn learn(&mut self, host: usize, fact: Fact) {
        match fact {
            Fact::Nothing => {}
            Fact::Tokens { session, id, refresh, .. } => {
                let view = &mut self.hosts[host].views[session];
                view.know(id, Known::Answer);
                view.last = Some(refresh);
            }
            Fact::Refused { session, id, refused } => {
                let view = &mut self.hosts[host].views[session];
                view.know(id, Known::Answer);
                view.refused = Some(refused);
            }
            Fact::Request { session, id, known } => self.hosts[host].views[session].know(id, known),
            Fact::NoAnswer { session, served } => self.note_lost_answer(host, session, served),
            Fact::Begun { session, attempt, record, found_mark } => {
                let view = &mut self.hosts[host].views[session];
                let (since, saving, sent) = (self.now, false, Vec::new());
                view.attempt = Some(Held { attempt, record, since, found_mark, saving, sent });
                view.saw_ended = false;
            }
            Fact::Saved { session } => {
                let view = &mut self.hosts[host].views[session];
                (view.attempt, view.saw_ended) = (None, false);
            }
            Fact::Standing { session, ended } => self.hosts[host].views[session].saw_ended = ended,
        }
    }
}
