//! A store that takes its time gives its reply however that ends.

use std::sync::mpsc;

use grantline_core::{Collection, RecordKey, RecordKind, RecordOperation};

use super::*;

enum Ends {
    ByPanic,
    Never,
}

impl Perform for Ends {
    fn perform(&self, _: StoreRequest) -> BoxFuture<'_, StoreReply> {
        Box::pin(async move {
            match self {
                Self::ByPanic => panic!("as the test wants it"),
                Self::Never => std::future::pending().await,
            }
        })
    }

    fn reopen(&self) -> Result<Store, StoreFailure> {
        Ok(Store::memory())
    }
}

fn load() -> StoreRequest {
    let collection = Collection::new(RecordKind::Session, "https://issuer.example", "client");
    let key = RecordKey { collection, name: "a".to_owned() };
    StoreRequest::On { key, operation: RecordOperation::Load }
}

#[track_caller]
fn misbehaved(reply: &StoreReply) {
    let StoreReply::Failed(failure) = reply else { panic!("{reply:?}") };
    assert_eq!(failure.kind, StoreFailureKind::Misbehaved);
}

#[test]
fn a_store_that_panics_is_told_as_its_failure() {
    let (sender, replies) = mpsc::channel();
    let give = move |reply| sender.send(reply).unwrap();
    let runtime = crate::runtime::shared().unwrap();
    assert_eq!(Store::elsewhere(Ends::ByPanic).perform(load(), &runtime, give), None);
    misbehaved(&replies.recv().unwrap());
}

#[test]
fn what_a_runtime_takes_with_it_is_told_as_a_failure() {
    let (sender, replies) = mpsc::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for store in [Ends::Never, Ends::ByPanic] {
        let sender = sender.clone();
        let give = move |reply| sender.send(reply).unwrap();
        assert_eq!(Store::elsewhere(store).perform(load(), runtime.handle(), give), None);
    }
    drop(runtime);
    misbehaved(&replies.recv().unwrap());
    misbehaved(&replies.recv().unwrap());
}
