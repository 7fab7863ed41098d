//! The world of one schedule: true time, its events in order, and everybody in it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use grantline_core::{Attempt, CallId, EffectId, Error, Generation, Reply};

use crate::callers::Wisher;
use crate::client::Client;
use crate::clock::Ms;
use crate::faults::{Class, Kind, What};
use crate::host::{Host, Sleep};
use crate::invariants::{Granted, Invariant, Violation, Want};
use crate::pump::{Fact, Job};
use crate::random;
use crate::safeguards::Safeguard;
use crate::schedule::{Schedule, Wish};
use crate::server::Server;
use crate::shelf::StoreJob;
use crate::store::Store;
use crate::trace::Trace;
use crate::verdict::Verdict;
use crate::wire::Exchange;

/// Nothing that a schedule begins takes longer than this after its last caller asked.
const LONGEST_AFTERMATH: Ms = 30 * 60_000;
/// A schedule with more events than this runs in a circle.
const MOST_EVENTS: u64 = 300_000;
/// How long the end of a process waits for what was sent.
const LONGEST_END: Ms = 10_000;
/// Longer than any pause that the engine makes after failures.
const LONGEST_PAUSE: Ms = 600_000;

pub(crate) struct World<'a> {
    pub(crate) plan: &'a Schedule,
    pub(crate) client: &'a Client,
    pub(crate) removed: Option<Safeguard>,
    pub(crate) now: Ms,
    queue: BinaryHeap<Reverse<Queued>>,
    queued: u64,
    pub(crate) hosts: Vec<Host>,
    pub(crate) callers: Vec<Wisher>,
    pub(crate) store: Store,
    pub(crate) server: Server,
    /// Who was given a lease, and its natural end by the store's clock.
    pub(crate) leases: Vec<Granted>,
    /// Each session's mark as it has to be.
    pub(crate) marks: Vec<Option<Attempt>>,
    /// When callers waited for tokens.
    pub(crate) wants: Vec<Want>,
    /// The generations that an API refused.
    pub(crate) refused: Vec<(usize, Generation)>,
    /// How many effects of each class there were.
    pub(crate) effects: [u32; Class::ALL.len()],
    /// Faults strike no more.
    pub(crate) calm: bool,
    pub(crate) trace: Trace,
    pub(crate) verdict: Verdict,
}

/// What happens at a moment.
#[derive(Debug)]
pub(crate) enum Event {
    /// A caller wants a token.
    Ask { caller: usize, wish: Wish, leaves_after: Option<Ms>, until: Ms },
    /// A caller goes away.
    Leave { host: usize, life: u32, call: CallId },
    /// A performer begins with an effect.
    Perform { host: usize, life: u32, job: Job },
    /// A request is at the server.
    HttpArrives(Exchange),
    /// An operation is at the store.
    StoreArrives(StoreJob),
    /// What became of an effect is there. `dies`: the process ends before it looks.
    Reply { host: usize, life: u32, id: EffectId, reply: Reply, fact: Fact, dies: Option<Death> },
    /// The engine wanted to be woken.
    Timer { host: usize, life: u32 },
    /// A process that was to end does so, whatever it is about.
    End { host: usize, life: u32, death: Death },
    /// A stopped process goes on.
    Wake { host: usize, life: u32 },
    /// A dead process starts anew.
    Restart { host: usize, life: u32 },
}

/// The end of a process.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Death {
    /// After how long it starts anew, if ever.
    pub(crate) restart: Option<Ms>,
}

struct Queued {
    at: Ms,
    order: u64,
    event: Event,
}

impl<'a> World<'a> {
    pub(crate) fn new(
        plan: &'a Schedule,
        client: &'a Client,
        removed: Option<Safeguard>,
        trace: bool,
    ) -> Self {
        let hosts = plan.hosts.iter().map(|clock| Host::new(clock.clone(), plan.sessions)).collect();
        Self {
            plan,
            client,
            removed,
            now: 0,
            queue: BinaryHeap::new(),
            queued: 0,
            hosts,
            callers: plan
                .callers
                .iter()
                .map(|caller| Wisher::new(caller.host, caller.session, caller.obeys))
                .collect(),
            store: Store::new(plan.store_clock.clone(), plan.sessions, removed),
            server: Server::new(plan.policy, plan.access_life),
            leases: Vec::new(),
            marks: vec![None; plan.sessions],
            wants: Vec::new(),
            refused: Vec::new(),
            effects: [0; Class::ALL.len()],
            calm: false,
            trace: Trace::new(trace),
            verdict: Verdict::default(),
        }
    }

    /// Runs the schedule: logins, what the callers want and what befalls them, and a calm in which every session shows
    /// whether it still gives tokens.
    pub(crate) fn run(mut self) -> Result<(Verdict, Trace), Error> {
        self.verdict.inject(Kind::WrongClock, self.plan.wrong_clocks());
        for host in 0..self.hosts.len() {
            self.hosts[host].start(self.plan.http_timeout)?;
        }
        for session in 0..self.plan.sessions {
            self.log_in(session)?;
        }
        self.want_as_planned();
        self.go_on_until(self.plan.last_ask() + LONGEST_AFTERMATH);
        self.calm_down()?;
        if self.verdict.violation.is_none() {
            self.judge_the_end();
        }
        Ok((self.verdict, self.trace))
    }

    fn calm_down(&mut self) -> Result<(), Error> {
        crate::say!(self, "nothing fails any more");
        self.calm = true;
        self.store.down_until = self.now;
        for host in &mut self.hosts {
            host.cut_off_until = self.now;
        }
        if self.hosts.iter().all(|host| host.engine.is_none()) {
            self.hosts[0].start(self.plan.http_timeout)?;
            crate::say!(self, "host 0 starts");
        }
        // Whatever was to be saved later is saved by then, and every access token is past its time.
        self.go_on_until(self.now + self.plan.access_life + LONGEST_PAUSE);
        self.now += 1;
        self.probe();
        self.go_on_until(self.now + LONGEST_AFTERMATH);
        Ok(())
    }

    pub(crate) fn later(&mut self, at: Ms, event: Event) {
        self.queued += 1;
        self.queue.push(Reverse(Queued { at: at.max(self.now), order: self.queued, event }));
    }

    /// Lets time pass until nothing is left to happen before `end`, or until the first violation.
    fn go_on_until(&mut self, end: Ms) {
        while self.verdict.violation.is_none() {
            match self.queue.peek() {
                Some(Reverse(next)) if next.at <= end => {}
                _ => break,
            }
            let Some(Reverse(Queued { at, event, .. })) = self.queue.pop() else { break };
            self.now = at;
            self.handle(event);
            self.verdict.events += 1;
            if self.verdict.events > MOST_EVENTS {
                self.fail(Invariant::EveryCallerAnswered, || "the schedule runs in a circle".to_owned());
            }
        }
        self.now = self.now.max(end);
    }

    fn handle(&mut self, event: Event) {
        self.note_arrival(&event);
        if let Some(sleep) = self.needs_host(&event).and_then(|host| self.hosts[host].asleep.as_mut()) {
            return sleep.deferred.push(event);
        }
        match event {
            Event::Ask { caller, wish, leaves_after, until } => self.ask(caller, wish, leaves_after, until),
            Event::Leave { host, life, call } => self.leave(host, life, call),
            Event::Perform { host, life, job } if self.hosts[host].is_alive(life) => self.perform(host, job),
            Event::HttpArrives(exchange) => self.http_arrives(&exchange),
            Event::StoreArrives(job) => self.store_arrives(job),
            Event::Reply { host, life, id, reply, fact, dies } if self.hosts[host].is_alive(life) => {
                match dies {
                    Some(Death { restart }) => self.crash(host, restart),
                    None => self.take_reply(host, id, reply, fact),
                }
            }
            Event::Timer { host, life } if self.hosts[host].is_alive(life) => self.timer(host),
            Event::End { host, life, death } if self.hosts[host].is_alive(life) => {
                self.crash(host, death.restart);
            }
            Event::Wake { host, life } if self.hosts[host].is_alive(life) => self.wake(host),
            Event::Restart { host, life } if self.hosts[host].life == life => self.restart(host),
            // It was for a process that is dead by now.
            _ => {}
        }
    }

    /// Whose process has to run for it.
    fn needs_host(&self, event: &Event) -> Option<usize> {
        match event {
            Event::Ask { caller, .. } => Some(self.callers[*caller].host),
            Event::Leave { host, .. }
            | Event::Perform { host, .. }
            | Event::Reply { host, .. }
            | Event::Timer { host, .. }
            | Event::End { host, .. } => Some(*host),
            _ => None,
        }
    }

    pub(crate) fn crash(&mut self, host: usize, restart: Option<Ms>) {
        crate::say!(self, "host {host} dies");
        self.hosts[host].die();
        let life = self.hosts[host].life;
        if let Some(pause) = restart {
            self.later(self.now + pause, Event::Restart { host, life });
        }
    }

    fn restart(&mut self, host: usize) {
        crate::say!(self, "host {host} starts anew");
        if self.chance("reboot", host, u64::from(self.hosts[host].life)).percent(30) {
            self.hosts[host].clock.reboot(self.now);
        }
        // The settings were accepted before.
        let _ = self.hosts[host].start(self.plan.http_timeout);
        for (caller, until) in std::mem::take(&mut self.hosts[host].left_behind) {
            let ask = Event::Ask { caller, wish: Wish::Token, leaves_after: None, until };
            self.later(self.now + 100, ask);
        }
        self.rescue(host);
    }

    /// What a driver does when its process ends.
    pub(crate) fn shut_down(&mut self, host: usize, death: Death) {
        crate::say!(self, "host {host} is to end");
        self.hosts[host].ends = Some(death);
        let (life, now) = (self.hosts[host].life, self.hosts[host].clock.now(self.now));
        if let Some(engine) = &self.hosts[host].engine {
            engine.save_now(now);
        }
        self.later(self.now + LONGEST_END, Event::End { host, life, death });
    }

    pub(crate) fn sleep(&mut self, host: usize, time: Ms, timers_first: bool) {
        crate::say!(self, "host {host} sleeps for {time} ms");
        let life = self.hosts[host].life;
        self.hosts[host].asleep = Some(Sleep { since: self.now, timers_first, deferred: Vec::new() });
        self.later(self.now + time, Event::Wake { host, life });
    }

    /// Timers that ended and answers that came are all there at once: a driver may see to either first.
    fn wake(&mut self, host: usize) {
        let Some(sleep) = self.hosts[host].asleep.take() else { return };
        crate::say!(self, "host {host} wakes");
        self.hosts[host].slept += self.now - sleep.since;
        if sleep.timers_first {
            self.timer(host);
        }
        for event in sleep.deferred {
            self.handle(event);
        }
        if self.hosts[host].asleep.is_none() {
            self.timer(host);
        }
    }

    /// A number of the schedule's own for one use.
    pub(crate) fn chance(&self, what: &str, host: usize, nth: u64) -> random::Random {
        let what = what.bytes().fold(0, |so_far, byte| so_far << 8 | u64::from(byte));
        random::Random::new(random::of(&[self.plan.seed, what, host as u64, nth]))
    }

    /// The fault that strikes this effect, if any does.
    pub(crate) fn fault(&mut self, class: Class) -> Option<What> {
        let count = &mut self.effects[class as usize];
        let nth = std::mem::replace(count, *count + 1);
        let strikes = |fault: &&crate::faults::Fault| fault.at == class && fault.nth == nth;
        let fault = self.plan.faults.iter().find(strikes).filter(|_| !self.calm)?;
        let kind: Kind = fault.what.kind(self.plan.short_sleep());
        self.verdict.inject(kind, 1);
        self.verdict.struck = true;
        crate::say!(self, "fault: {:?}", fault.what);
        Some(fault.what)
    }

    /// Notes the first violation; the schedule ends with it.
    pub(crate) fn fail(&mut self, invariant: Invariant, what: impl FnOnce() -> String) {
        if self.verdict.violation.is_none() {
            let what = what();
            crate::say!(self, "VIOLATION of {}: {what}", invariant.name());
            self.verdict.violation = Some(Violation { invariant, at: self.now, what });
        }
    }
}

impl PartialEq for Queued {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.order) == (other.at, other.order)
    }
}

impl Eq for Queued {}

impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Queued {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.order).cmp(&(other.at, other.order))
    }
}
