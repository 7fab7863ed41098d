//! The contract finds what stores get wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_executor::block_on;
use grantline_core::{
    Attempt, Change, Entry, Generation, Millis, Now, RecordKey, RecordOperation, Row, SecretBytes,
    StoreFailure, StoreReply, StoreRequest, UnixMillis, Which,
};

use super::Contract;
use crate::stores::clock::TestClock;
use crate::stores::{BoxFuture, Perform, Store};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    FoldsCase,
    TrimsNames,
    CutsNames,
    MixesCollections,
    ForgetsMarks,
    CutsAttempts,
    GivesLeasesToAll,
    LeasesNeverEnd,
    ReadsAndWritesApart,
    SignedGenerations,
    RoundedGenerations,
    CommitsOverNewer,
    LosesTombstones,
    TextOnly,
    CutsBytes,
    DropsTimes,
    ListsTombstones,
    ListsBackwards,
    ListsFromTheStart,
    ForgetsAtTheEnd,
    SeesOnlyItself,
}

type Rows = Arc<Mutex<BTreeMap<RecordKey, Row>>>;

struct Faulty {
    fault: Fault,
    rows: Rows,
    clock: TestClock,
}

impl Faulty {
    fn key(&self, key: RecordKey) -> RecordKey {
        let RecordKey { collection, name } = key;
        let name = match self.fault {
            Fault::FoldsCase => name.to_lowercase(),
            Fault::TrimsNames => name.trim().to_owned(),
            Fault::CutsNames => name.chars().take(255).collect(),
            _ => name,
        };
        let collection = match self.fault {
            Fault::MixesCollections => {
                grantline_core::Collection::new(grantline_core::RecordKind::Session, "", "")
            }
            _ => collection,
        };
        RecordKey { collection, name }
    }

    /// What is written in the place of what should be.
    fn spoilt(&self, mut row: Row) -> Option<Row> {
        let generation = row.record.generation.0;
        match self.fault {
            Fault::ForgetsMarks => row.mark = None,
            Fault::CutsAttempts => {
                let cut = |attempt: &mut Attempt| attempt.0 &= u128::from(u64::MAX);
                row.mark.iter_mut().for_each(|mark| cut(&mut mark.attempt));
                row.lease.iter_mut().for_each(|lease| cut(&mut lease.attempt));
            }
            Fault::GivesLeasesToAll => row.lease = None,
            Fault::LeasesNeverEnd => row.lease.iter_mut().for_each(|lease| lease.until = Millis(u64::MAX)),
            Fault::SignedGenerations => {
                row.record.generation =
                    Generation(generation & u64::from(u32::MAX) | generation & (u64::MAX >> 1));
            }
            #[allow(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it is the fault"
            )]
            Fault::RoundedGenerations => row.record.generation = Generation(generation as f64 as u64),
            Fault::LosesTombstones if row.ended => return None,
            Fault::TextOnly => {
                let text = String::from_utf8_lossy(row.record.bytes.expose_secret()).into_owned();
                row.record.bytes = SecretBytes::new(text.into_bytes());
            }
            Fault::CutsBytes => {
                let bytes = row.record.bytes.expose_secret().iter().copied().take(1 << 20).collect();
                row.record.bytes = SecretBytes::new(bytes);
            }
            Fault::DropsTimes => row.record.discard_after = None,
            _ => {}
        }
        Some(row)
    }

    fn now(&self) -> Millis {
        self.clock.clock().now().boot
    }

    async fn on(&self, key: RecordKey, operation: RecordOperation) -> StoreReply {
        let key = self.key(key);
        let mut row = self.rows.lock().unwrap().get(&key).cloned();
        if self.fault == Fault::ReadsAndWritesApart && matches!(operation, RecordOperation::Begin { .. }) {
            // Its way to a server and back.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if self.fault == Fault::CommitsOverNewer && matches!(operation, RecordOperation::Commit { .. }) {
            row = None;
        }
        let (reply, change) = Row::perform(row, operation, self.now());
        let mut rows = self.rows.lock().unwrap();
        let written = match change {
            Change::None => return reply,
            Change::Write(row) => self.spoilt(row),
            Change::Remove => None,
        };
        match written {
            Some(row) => rows.insert(key, row),
            None => rows.remove(&key),
        };
        reply
    }

    fn list(&self, of: RecordKey, which: Which, after: Option<&str>, limit: u32) -> StoreReply {
        let (rows, of) = (self.rows.lock().unwrap(), self.key(of));
        let from_the_start = self.fault == Fault::ListsFromTheStart;
        let belongs = |row: &Row| match which {
            Which::Living => self.fault == Fault::ListsTombstones || !row.ended,
            Which::Abandoned => row.is_abandoned(self.now()),
        };
        let mut entries: Vec<_> = rows
            .iter()
            .filter(|(key, row)| key.collection == of.collection && belongs(row))
            .filter(|(key, _)| from_the_start || after.is_none_or(|after| key.name.as_str() > after))
            .map(|(key, row)| Entry { name: key.name.clone(), generation: row.record.generation })
            .collect();
        if self.fault == Fault::ListsBackwards {
            entries.reverse();
        }
        entries.truncate(usize::try_from(limit).unwrap());
        StoreReply::Listed(entries)
    }
}

impl Perform for Faulty {
    fn perform(&self, request: StoreRequest) -> BoxFuture<'_, StoreReply> {
        Box::pin(async move {
            match request {
                StoreRequest::On { key, operation } => self.on(key, operation).await,
                StoreRequest::List { collection, which, after, limit } => {
                    let of = RecordKey { collection, name: String::new() };
                    self.list(of, which, after.as_deref(), limit)
                }
                _ => crate::stores::unknown_request(),
            }
        })
    }

    fn reopen(&self) -> Result<Store, StoreFailure> {
        Ok(Store::memory())
    }
}

/// The rules that a store with that fault breaks.
fn broken(fault: Fault) -> Vec<&'static str> {
    let clock = TestClock::at(Now { wall: UnixMillis(1_795_262_400_000), boot: Millis(60_000) });
    let (rows, passing) = (Rows::default(), clock.clone());
    let make = move || {
        let rows = match fault {
            Fault::ForgetsAtTheEnd | Fault::SeesOnlyItself => Rows::default(),
            _ => Arc::clone(&rows),
        };
        Store::elsewhere(Faulty { fault, rows, clock: clock.clone() })
    };
    let contract = match fault {
        Fault::ForgetsAtTheEnd => Contract::one_process(make),
        _ => Contract::shared(make),
    };
    let contract = contract.passing_time_with(move |duration| {
        passing.pass(duration);
        std::future::ready(())
    });
    block_on(contract.check()).broken().iter().map(|broken| broken.rule).collect()
}

#[test]
fn a_store_without_a_fault_breaks_no_rule() {
    assert_eq!(broken(Fault::None), Vec::<&str>::new());
}

#[test]
fn every_fault_breaks_the_rule_that_is_about_it() {
    let differ = "names that differ in one byte are different records";
    let highest = "generations are compared as numbers up to the highest";
    for (fault, rule) in [
        (Fault::FoldsCase, differ),
        (Fault::TrimsNames, differ),
        (Fault::CutsNames, "names of 256 bytes are kept whole"),
        (Fault::MixesCollections, "the same name in another collection is another record"),
        (Fault::ForgetsMarks, "a lost answer clears the lease and leaves the mark"),
        (Fault::CutsAttempts, "attempts keep all of their 128 bits"),
        (Fault::GivesLeasesToAll, "begin gives the record and takes the lease"),
        (Fault::LeasesNeverEnd, "a lease ends by the store's clock and leaves its mark"),
        (Fault::ReadsAndWritesApart, "of 100 that begin at once, one gets the lease"),
        (Fault::SignedGenerations, highest),
        (Fault::RoundedGenerations, highest),
        (Fault::CommitsOverNewer, "commit answers what is newer and leaves it"),
        (Fault::LosesTombstones, "closing leaves a tombstone that no late answer revives"),
        (Fault::TextOnly, "a record is loaded as it was created"),
        (Fault::CutsBytes, "empty records and records of 1 MiB are kept"),
        (Fault::DropsTimes, "a record is loaded as it was created"),
        (Fault::ListsTombstones, "tombstones are not listed as living"),
        (Fault::ListsBackwards, "names are listed in the order of their bytes, page by page"),
        (Fault::ListsFromTheStart, "names are listed in the order of their bytes, page by page"),
        (Fault::ForgetsAtTheEnd, "what was written is there when the store is opened again"),
        (Fault::SeesOnlyItself, "a lease that one took is held against another"),
    ] {
        let broken = broken(fault);
        assert!(broken.contains(&rule), "{fault:?} breaks {broken:?}");
    }
}
