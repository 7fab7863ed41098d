//! A store in memory, which notes what it is asked.

use std::collections::BTreeMap;

use grantline_core::{
    Attempt, Change, Entry, Generation, Lease, Millis, Record, RecordKey, RecordOperation, Row, SecretBytes,
    SessionKey, SetMark, StoreReply, StoreRequest, UnixMillis, Which,
};

#[derive(Default)]
pub struct Store {
    rows: BTreeMap<RecordKey, Row>,
    /// What was asked of it, in order.
    pub log: Vec<&'static str>,
}

impl Store {
    /// Puts a session there as another host would have left it.
    pub fn put(&mut self, key: &SessionKey, generation: u64, bytes: SecretBytes) {
        self.rows.insert(key.record_key(), Row::new(Record::new(Generation(generation), bytes)));
    }

    pub fn row(&mut self, key: &SessionKey) -> &mut Row {
        self.rows.get_mut(&key.record_key()).expect("the session is stored")
    }

    pub fn has(&self, key: &SessionKey) -> bool {
        self.rows.contains_key(&key.record_key())
    }

    pub fn has_record(&self, key: &RecordKey) -> bool {
        self.rows.contains_key(key)
    }

    /// What the record of a session says, by the name of the member.
    pub fn member(&mut self, key: &SessionKey, name: &str) -> serde_json::Value {
        let bytes = self.row(key).record.bytes.expose_secret();
        serde_json::from_slice::<serde_json::Value>(bytes).unwrap()[name].clone()
    }

    /// Drops what is to be dropped by then, as a store does now and then.
    pub fn sweep(&mut self, now: UnixMillis) {
        self.rows.retain(|_, row| row.record.discard_after.is_none_or(|overdue| overdue > now));
    }

    /// The row of a test that has only one.
    pub fn only_row(&mut self) -> &mut Row {
        assert_eq!(self.rows.len(), 1);
        self.rows.values_mut().next().expect("there is one")
    }

    pub fn perform(&mut self, request: StoreRequest, now: Millis) -> StoreReply {
        let (key, operation) = match request {
            StoreRequest::On { key, operation } => (key, operation),
            StoreRequest::List { which, after, limit, .. } => {
                return self.list(which, after.as_deref(), limit, now);
            }
            other => panic!("no test asks this: {other:?}"),
        };
        self.log.push(name(&operation));
        let (reply, change) = Row::perform(self.rows.get(&key).cloned(), operation, now);
        match change {
            Change::None => {}
            Change::Write(row) => drop(self.rows.insert(key, row)),
            Change::Remove => drop(self.rows.remove(&key)),
        }
        reply
    }
}

impl Store {
    fn list(&self, which: Which, after: Option<&str>, limit: u32, now: Millis) -> StoreReply {
        let wanted = |row: &Row| match which {
            Which::Living => !row.ended,
            Which::Abandoned => row.is_abandoned(now),
        };
        let entries = self.rows.iter().filter(|(key, row)| wanted(row) && after < Some(key.name.as_str()));
        let entry = |(key, row): (&RecordKey, &Row)| Entry {
            name: key.name.clone(),
            generation: row.record.generation,
        };
        StoreReply::Listed(entries.map(entry).take(limit as usize).collect())
    }
}

/// A mark that another host set.
pub fn mark_of(attempt: u128) -> SetMark {
    SetMark { attempt: Attempt(attempt), set: Millis(0) }
}

/// A lease that another host holds.
pub fn lease_of(attempt: u128, until: Millis) -> Lease {
    Lease { attempt: Attempt(attempt), until }
}

fn name(operation: &RecordOperation) -> &'static str {
    match operation {
        RecordOperation::Create { .. } => "create",
        RecordOperation::Load => "load",
        RecordOperation::Begin { .. } => "begin",
        RecordOperation::Commit { .. } => "commit",
        RecordOperation::End { .. } => "end",
        RecordOperation::Close => "close",
        RecordOperation::Delete => "delete",
        other => panic!("no test does this: {other:?}"),
    }
}
