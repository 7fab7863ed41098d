//! A store in memory, which notes what it is asked.

use std::collections::BTreeMap;

use grantline_core::{
    Attempt, Change, Generation, Lease, Millis, Record, RecordKey, RecordOperation, Row, SecretBytes,
    SessionKey, SetMark, StoreReply, StoreRequest,
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

    /// What the record of a session says, by the name of the member.
    pub fn member(&mut self, key: &SessionKey, name: &str) -> serde_json::Value {
        let bytes = self.row(key).record.bytes.expose_secret();
        serde_json::from_slice::<serde_json::Value>(bytes).unwrap()[name].clone()
    }

    pub fn perform(&mut self, request: StoreRequest, now: Millis) -> StoreReply {
        let StoreRequest::On { key, operation } = request else { panic!("no test lists: {request:?}") };
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

/// A mark that another host set.
pub fn mark_of(attempt: u128) -> Option<SetMark> {
    Some(SetMark { attempt: Attempt(attempt), set: Millis(0) })
}

/// A lease that another host holds.
pub fn lease_of(attempt: u128, until: Millis) -> Option<Lease> {
    Some(Lease { attempt: Attempt(attempt), until })
}

fn name(operation: &RecordOperation) -> &'static str {
    match operation {
        RecordOperation::Create { .. } => "create",
        RecordOperation::Load => "load",
        RecordOperation::Begin { .. } => "begin",
        RecordOperation::Commit { .. } => "commit",
        RecordOperation::End { .. } => "end",
        RecordOperation::Close => "close",
        other => panic!("no test does this: {other:?}"),
    }
}
