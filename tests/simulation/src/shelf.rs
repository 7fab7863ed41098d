//! What happens between a host and the store.

use grantline_core::{
    EffectId, Entry, RecordOperation, Reply, StoreFailure, StoreFailureKind, StoreReply, StoreRequest, Which,
};

use crate::clock::Ms;
use crate::faults::What;
use crate::host::{Held, Known, Refused};
use crate::pump::Fact;
use crate::safeguards::Safeguard;
use crate::world::{Event, World};

/// An operation under way to the store.
#[derive(Debug)]
pub(crate) struct StoreJob {
    pub(crate) host: usize,
    pub(crate) life: u32,
    pub(crate) id: EffectId,
    pub(crate) asked: Asked,
    back: Ms,
    what: Option<What>,
}

/// What is asked of the store.
#[derive(Debug)]
pub(crate) enum Asked {
    List(Which),
    On(OnRecord),
}

/// An operation on one session's record, with what the judge has to know of it.
#[derive(Debug)]
pub(crate) struct OnRecord {
    pub(crate) session: usize,
    pub(crate) operation: RecordOperation,
    /// The last refusal that the host had learnt of when it asked.
    pub(crate) refused: Option<Refused>,
    /// Whether it asked with an earlier attempt's mark in its hands.
    pub(crate) found_mark: bool,
    /// Whether it had sent a request on its lease that may have arrived, and to which no answer had come.
    pub(crate) unanswered: bool,
}

impl World<'_> {
    pub(crate) fn ask_store(&mut self, host: usize, id: EffectId, request: StoreRequest, what: Option<What>) {
        let asked = match request {
            StoreRequest::List { which, .. } => Asked::List(which),
            StoreRequest::On { key, operation } => match self.client.session_named(&key.name) {
                Some(session) => Asked::On(self.on_record(host, session, operation)),
                None => return self.take_reply(host, id, Reply::Store(failed()), Fact::Nothing),
            },
            _ => return self.take_reply(host, id, Reply::Store(failed()), Fact::Nothing),
        };
        if let Some(old) = self.removed_re_read(host, &asked) {
            return self.take_reply(host, id, Reply::Store(old), Fact::Nothing);
        }
        let (mut chance, way) = (self.chance("store", host, self.hosts[host].effects), self.plan.store_way);
        let (there, back) = (chance.between(way.0, way.1), chance.between(way.0, way.1));
        let there = match what {
            Some(What::SlowStore { time }) => there + time,
            _ => there,
        };
        let life = self.hosts[host].life;
        let job = StoreJob { host, life, id, asked, back, what };
        let never = what == Some(What::SilentPump { performed: false });
        if let Some(at) = self.leaves(host, there, what).filter(|_| !never) {
            self.later(at, Event::StoreArrives(job));
        }
    }

    fn on_record(&self, host: usize, session: usize, operation: RecordOperation) -> OnRecord {
        let view = &self.hosts[host].views[session];
        let found_mark = view.attempt.as_ref().is_some_and(|held| held.found_mark);
        let ends = |held: &Held| matches!(&operation, RecordOperation::End { attempt, .. } if *attempt == held.attempt);
        let unanswered =
            view.attempt.as_ref().is_some_and(ends) && view.sent().any(|known| known == Known::Nothing);
        OnRecord { session, operation, refused: view.refused, found_mark, unanswered }
    }

    /// What the read after a refusal brings if that safeguard is taken away: what the attempt began with.
    fn removed_re_read(&self, host: usize, asked: &Asked) -> Option<StoreReply> {
        let Asked::On(OnRecord { session, operation: RecordOperation::Load, .. }) = asked else {
            return None;
        };
        let view = &self.hosts[host].views[*session];
        let (held, refused) = (view.attempt.as_ref()?, view.refused.as_ref()?);
        (self.removed == Some(Safeguard::ReRead) && held.attempt == refused.attempt)
            .then(|| StoreReply::Loaded(held.record.clone()))
    }

    pub(crate) fn store_arrives(&mut self, job: StoreJob) {
        let StoreJob { host, life, id, asked, back, what } = job;
        let away = self.store.down_until.max(self.hosts[host].cut_off_until) > self.now;
        let told = match asked {
            _ if away || what == Some(What::StoreRefuses) => (failed(), Fact::Nothing),
            Asked::List(which) => (self.list(which), Fact::Nothing),
            Asked::On(on) => self.store_performs((host, life), &on),
        };
        let (reply, fact) = match what {
            Some(What::SilentPump { .. }) => return,
            Some(What::LostStoreReply) => (failed(), Fact::Nothing),
            _ => told,
        };
        self.bring((host, life), id, self.now + back, (Reply::Store(reply), fact), what);
    }

    fn list(&self, which: Which) -> StoreReply {
        let entry = |(session, generation): (usize, _)| Entry { name: session.to_string(), generation };
        StoreReply::Listed(self.store.list(which, self.now).into_iter().map(entry).collect())
    }

    fn store_performs(&mut self, by: (usize, u32), on: &OnRecord) -> (StoreReply, Fact) {
        let (session, before) = (on.session, self.store.kept(on.session).cloned());
        let reply = self.store.perform(session, on.operation.clone(), self.now);
        self.judge_store(by, on, before.as_ref(), &reply);
        let fact = match (&reply, &on.operation) {
            (StoreReply::Begun { record, earlier }, RecordOperation::Begin { attempt, .. }) => {
                let found_mark = earlier.is_some();
                Fact::Begun { session, attempt: *attempt, record: record.clone(), found_mark }
            }
            (StoreReply::Done, RecordOperation::Commit { .. }) => Fact::Saved { session },
            (StoreReply::Ended { .. }, _) => Fact::Standing { session, ended: true },
            (StoreReply::Loaded(_) | StoreReply::Newer(_), _) => Fact::Standing { session, ended: false },
            _ => Fact::Nothing,
        };
        (reply, fact)
    }
}

fn failed() -> StoreReply {
    StoreReply::Failed(StoreFailure::new(StoreFailureKind::Unavailable, "as the schedule has it"))
}
