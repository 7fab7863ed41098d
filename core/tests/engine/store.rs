//! A session store in memory, by the table of the store's contract: each operation atomic, leases by its own clock.

use std::collections::BTreeMap;

use std::time::Duration;

use grantline_core::{
    Attempt, End, Generation, Mark, Millis, Record, SecretBytes, SessionKey, StoreReply, StoreRequest,
};

#[derive(Default)]
pub struct Store {
    rows: BTreeMap<SessionKey, Row>,
    /// What was asked of it, in order.
    pub log: Vec<&'static str>,
}

pub struct Row {
    pub record: Record,
    pub ended: bool,
    pub lease: Option<(Attempt, Millis)>,
    pub mark: Option<Attempt>,
}

impl Row {
    fn new(record: Record) -> Self {
        Self { record, ended: false, lease: None, mark: None }
    }

    fn standing(&self) -> StoreReply {
        match self.ended {
            true => StoreReply::Ended { generation: self.record.generation },
            false => StoreReply::Loaded(self.record.clone()),
        }
    }

    fn newer(&self) -> StoreReply {
        match self.ended {
            true => StoreReply::Ended { generation: self.record.generation },
            false => StoreReply::Newer(self.record.clone()),
        }
    }
}

impl Store {
    /// Puts a session there as another host would have left it.
    pub fn put(&mut self, key: &SessionKey, generation: u64, bytes: SecretBytes) {
        let record = Record { generation: Generation(generation), bytes };
        self.rows.insert(key.clone(), Row::new(record));
    }

    pub fn row(&mut self, key: &SessionKey) -> &mut Row {
        self.rows.get_mut(key).expect("the session is stored")
    }

    pub fn has(&self, key: &SessionKey) -> bool {
        self.rows.contains_key(key)
    }

    /// What the record of a session says, by the name of the member.
    pub fn member(&mut self, key: &SessionKey, name: &str) -> serde_json::Value {
        let bytes = self.row(key).record.bytes.expose_secret();
        serde_json::from_slice::<serde_json::Value>(bytes).unwrap()[name].clone()
    }

    pub fn perform(&mut self, request: StoreRequest, now: Millis) -> StoreReply {
        match request {
            StoreRequest::Create { key, record } => self.create(key, record),
            StoreRequest::Load { key } => self.load(&key),
            StoreRequest::Begin { key, attempt, ttl } => self.begin(&key, attempt, now, now.plus(ttl)),
            StoreRequest::Commit { key, spent, record } => self.commit(&key, spent, record),
            StoreRequest::End { key, attempt, spent, why } => self.end(&key, attempt, spent, why),
            other => panic!("a store request that this store does not know: {other:?}"),
        }
    }

    fn create(&mut self, key: SessionKey, record: Record) -> StoreReply {
        self.log.push("create");
        match self.rows.get(&key) {
            Some(row) if row.record.generation >= record.generation => row.newer(),
            _ => {
                self.rows.insert(key, Row::new(record));
                StoreReply::Done
            }
        }
    }

    fn load(&mut self, key: &SessionKey) -> StoreReply {
        self.log.push("load");
        self.rows.get(key).map_or(StoreReply::Missing, Row::standing)
    }

    fn begin(&mut self, key: &SessionKey, attempt: Attempt, now: Millis, until: Millis) -> StoreReply {
        self.log.push("begin");
        let Some(row) = self.rows.get_mut(key) else { return StoreReply::Missing };
        if row.ended {
            return row.standing();
        }
        match row.lease {
            Some((_, end)) if end > now => StoreReply::Held { remaining: end.since(now) },
            _ => {
                row.lease = Some((attempt, until));
                let spent = row.record.generation;
                let earlier = row.mark.replace(attempt).map(|mark| Mark::new(mark, spent, Duration::ZERO));
                StoreReply::Begun { record: row.record.clone(), earlier }
            }
        }
    }

    fn commit(&mut self, key: &SessionKey, spent: Generation, record: Record) -> StoreReply {
        self.log.push("commit");
        let Some(row) = self.rows.get_mut(key) else { return StoreReply::Missing };
        if row.record.generation > spent {
            return row.newer();
        }
        *row = Row::new(record);
        StoreReply::Done
    }

    fn end(&mut self, key: &SessionKey, attempt: Attempt, spent: Generation, why: End) -> StoreReply {
        self.log.push("end");
        let Some(row) = self.rows.get_mut(key) else { return StoreReply::Missing };
        let holds = row.lease.is_some_and(|(holder, _)| holder == attempt);
        if holds && row.record.generation == spent {
            row.lease = None;
            if why != End::AnswerLost {
                row.mark = None;
            }
            row.ended = why == End::RefusedByServer;
        }
        StoreReply::Done
    }
}
