//! Logins that nobody completed, and service tokens that nobody asks for again: nobody lists them, so whoever stores one has
//! their collection looked through for those that may be dropped.

use std::collections::HashMap;
use std::sync::Mutex;

use grantline_core::{Collection, Millis, RecordKey, RecordOperation, Which};

use super::scans::Page;
use crate::mutex::lock;
use crate::stores::retention::Sweeps;

/// When each collection of a store is looked through.
#[derive(Default)]
pub(super) struct SweepsByCollection(Mutex<HashMap<Collection, Sweeps>>);

impl SweepsByCollection {
    /// The list that drops what may be dropped, if this operation stores something that may be some time, and it is time
    /// for its collection.
    pub(super) fn due(&self, key: &RecordKey, operation: &RecordOperation, now: Millis) -> Option<Page> {
        let (RecordOperation::Create { record } | RecordOperation::Commit { record, .. }) = operation else {
            return None;
        };
        record.discard_after?;
        let collection = key.collection.clone();
        let is_due = lock(&self.0).entry(collection.clone()).or_default().are_due(now);
        is_due.then_some(Page { collection, which: Which::Living, after: None, limit: u32::MAX })
    }
}
