//! An application that does not do a store's work as it should.

use std::sync::Arc;

use futures_executor::block_on;
use futures_util::future::join;
use grantline::StoreFailureKind;
use grantline::core::StoreFailure;

use super::answers::{Answer, StoreReply, queue};
use super::blobs::{BlobWork, blob_store};

/// What comes of a deletion that the application answers so.
fn deletion(answer: impl FnOnce(Arc<StoreReply>)) -> Result<(), StoreFailure> {
    let (asker, questions) = queue();
    let asked = asker.ask(|reply| BlobWork::Delete { name: "a".to_owned(), reply }, Answer::done);
    let answered = async {
        if let Some(BlobWork::Delete { reply, .. }) = questions.next().await {
            answer(reply);
        }
    };
    block_on(join(asked, answered)).0
}

#[test]
fn the_first_answer_counts() {
    let told = deletion(|reply| {
        reply.done();
        reply.failed(super::StoreFailureKind::Full, "too late".to_owned());
    });
    assert_eq!(told, Ok(()));
}

#[test]
fn an_answer_to_another_question_is_misbehaviour() {
    let failure = deletion(|reply| reply.decided(true)).unwrap_err();
    assert_eq!(failure.kind, StoreFailureKind::Misbehaved);
}

#[test]
fn work_that_is_dropped_has_failed() {
    let failure = deletion(drop).unwrap_err();
    assert_eq!(failure.kind, StoreFailureKind::Misbehaved);
}

#[test]
fn work_that_nobody_takes_has_failed() {
    let (asker, questions) = queue();
    drop(questions);
    let asked = asker.ask(|reply| BlobWork::Delete { name: "a".to_owned(), reply }, Answer::done);
    assert_eq!(block_on(asked).unwrap_err().kind, StoreFailureKind::Misbehaved);
}

#[test]
fn the_work_ends_with_the_store() {
    let blobs = blob_store();
    drop(blobs.store);
    assert!(block_on(blobs.work.next()).is_none());
}
