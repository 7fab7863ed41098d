//! Stores that fail, hang, panic and talk nonsense: each is told by its kind, and nothing is deleted.

use super::*;

fn flat(name: &str) -> String {
    names::flat(&key(name))
}

#[test]
fn a_failure_of_the_store_is_passed_on_with_its_kind() {
    let map = Map::new();
    for store in both(&map, PATIENT) {
        assert_eq!(on(&store, "a", create(1)), StoreReply::Done);
        for kind in [StoreFailureKind::Denied, StoreFailureKind::Full, StoreFailureKind::Unavailable] {
            map.saves(Manners::Fails(kind));
            failed(on(&store, "a", commit(1)), kind);
            failed(on(&store, "a", RecordOperation::Delete), kind);
            map.loads(Manners::Fails(kind));
            failed(on(&store, "a", RecordOperation::Load), kind);
            map.loads(Manners::Good);
        }
        map.saves(Manners::Good);
        assert_eq!(on(&store, "a", RecordOperation::Load), StoreReply::Loaded(record(1)));
        assert_eq!(on(&store, "a", RecordOperation::Delete), StoreReply::Done);
    }
}

#[test]
fn a_store_that_does_not_answer_is_unavailable_and_holds_up_nobody() {
    for manners in [Manners::Waits, Manners::Blocks] {
        let map = Map::new();
        for store in both(&map, IMPATIENT) {
            map.loads(manners);
            let load = |name: &str| {
                asked(&store, StoreRequest::On { key: key(name), operation: RecordOperation::Load })
            };
            // At the same time: one thread of ours must not be enough to hold them both up.
            let (one, other) = block_on(join(load("a"), load("b")));
            let told = failed(one, StoreFailureKind::Unavailable);
            assert!(told.contains("did not answer within 100ms"), "{told}");
            failed(other, StoreFailureKind::Unavailable);
            map.loads(Manners::Good);
            assert_eq!(on_in_the_end(&store, "c", &RecordOperation::Load), StoreReply::Missing);
        }
    }
}

#[test]
fn what_is_saved_late_does_not_come_after_what_is_saved_next() {
    let map = Map::new();
    let blobs = Blobs::new(map.clone(), map.clock().clock(), PATIENT);
    let (impatient, patient) = (Store::elsewhere(blobs.within(IMPATIENT)), Store::elsewhere(blobs));
    assert_eq!(on(&patient, "a", create(1)), StoreReply::Done);
    let mut calls = map.calls();
    map.saves(Manners::Waits);
    failed(on(&impatient, "a", begin(1)), StoreFailureKind::Unavailable);
    // The save is still under way, so nothing else is asked under this name.
    let before = *calls.borrow_and_update();
    failed(on(&impatient, "a", commit(1)), StoreFailureKind::Unavailable);
    assert_eq!(*calls.borrow_and_update(), before);
    map.saves(Manners::Good);
    // The lease that nobody was told of is nobody's, and its mark is told.
    let earlier = Some(Mark::new(Attempt(1), Generation(1), Duration::ZERO));
    assert_eq!(on(&patient, "a", begin(2)), StoreReply::Begun { record: record(1), earlier });
}

/// Again, as long as the store or this machine takes too long.
fn on_in_the_end(store: &Store, name: &str, operation: &RecordOperation) -> StoreReply {
    loop {
        match on(store, name, operation.clone()) {
            StoreReply::Failed(failure) if failure.kind == StoreFailureKind::Unavailable => {}
            reply => return reply,
        }
    }
}

#[test]
fn a_write_that_nobody_waits_for_any_more_is_not_begun() {
    let map = Map::new();
    let blobs = Blobs::new(map.clone(), map.clock().clock(), PATIENT);
    let (impatient, patient) = (Store::elsewhere(blobs.within(IMPATIENT)), Store::elsewhere(blobs));
    assert_eq!(on(&patient, "a", create(1)), StoreReply::Done);
    map.loads(Manners::Waits);
    failed(on(&impatient, "a", commit(1)), StoreFailureKind::Unavailable);
    map.loads(Manners::Good);
    assert_eq!(on(&patient, "a", RecordOperation::Load), StoreReply::Loaded(record(1)));
}

#[test]
fn a_store_that_panics_broke_its_contract_and_may_be_asked_again() {
    let map = Map::new();
    for store in both(&map, PATIENT) {
        assert_eq!(on(&store, "a", create(1)), StoreReply::Done);
        map.saves(Manners::Panics);
        failed(on(&store, "a", commit(1)), StoreFailureKind::Misbehaved);
        map.saves(Manners::Good);
        assert_eq!(on(&store, "a", commit(1)), StoreReply::Done);
        assert_eq!(on(&store, "a", RecordOperation::Delete), StoreReply::Done);
    }
}

#[test]
fn what_is_truncated_foreign_or_newer_is_told_listed_and_left_until_it_is_deleted() {
    let cases: [(&[u8], _); 4] = [
        (b"", StoreFailureKind::Damaged),
        (br#"{"v":1,"generation":3,"by"#, StoreFailureKind::Damaged),
        (b"\xff\xfe\0", StoreFailureKind::Damaged),
        (br#"{"v":2,"sealed":"otherwise"}"#, StoreFailureKind::TooNew),
    ];
    let map = Map::new();
    for store in both(&map, PATIENT) {
        assert_eq!(on(&store, "b", create(1)), StoreReply::Done);
        for (bytes, kind) in cases {
            map.put(&flat("a"), bytes);
            for operation in [RecordOperation::Load, create(9), begin(1), commit(1), RecordOperation::Close] {
                failed(on(&store, "a", operation), kind);
            }
            assert_eq!(names(&store, Which::Living), ["a", "b"]);
            assert_eq!(names(&store, Which::Abandoned), Vec::<String>::new());
            assert_eq!(map.bytes(&flat("a")).unwrap(), bytes);
            assert_eq!(on(&store, "a", RecordOperation::Delete), StoreReply::Done);
            assert_eq!(map.bytes(&flat("a")), None);
        }
        assert_eq!(on(&store, "b", RecordOperation::Delete), StoreReply::Done);
    }
}

#[test]
fn names_of_others_in_the_list_are_passed_over() {
    let map = Map::new();
    for store in both(&map, PATIENT) {
        assert_eq!(on(&store, "a", create(1)), StoreReply::Done);
        map.put(&(flat("") + "zz"), b"no name of ours");
        assert_eq!(names(&store, Which::Living), ["a"]);
        assert_eq!(on(&store, "a", RecordOperation::Delete), StoreReply::Done);
    }
}

#[test]
fn a_shared_store_that_never_writes_is_given_up() {
    let map = Map::new();
    let [_, store] = both(&map, PATIENT);
    map.saves(Manners::Refuses);
    let told = failed(on(&store, "a", create(1)), StoreFailureKind::Unavailable);
    assert!(told.contains("16 times"), "{told}");
}

#[test]
fn a_shared_store_that_lists_in_the_wrong_order_broke_its_contract() {
    let map = Map::new();
    let [_, store] = both(&map, PATIENT);
    assert_eq!(on(&store, "a", create(1)), StoreReply::Done);
    assert_eq!(on(&store, "b", create(1)), StoreReply::Done);
    map.loads(Manners::ListsBackwards);
    let list =
        StoreRequest::List { collection: key("").collection, which: Which::Living, after: None, limit: 5 };
    let told = failed(block_on(asked(&store, list)), StoreFailureKind::Misbehaved);
    assert!(told.contains("not sorted"), "{told}");
}

#[test]
fn an_attempt_that_was_lost_leaves_its_mark_in_either_store() {
    let map = Map::new();
    for store in both(&map, PATIENT) {
        assert_eq!(on(&store, "a", create(1)), StoreReply::Done);
        assert_eq!(on(&store, "a", begin(1)), StoreReply::Begun { record: record(1), earlier: None });
        let end = RecordOperation::End { attempt: Attempt(1), spent: Generation(1), why: End::AnswerLost };
        assert_eq!(on(&store, "a", end), StoreReply::Done);
        assert_eq!(names(&store, Which::Abandoned), ["a"]);
        assert_eq!(on(&store, "a", RecordOperation::Delete), StoreReply::Done);
    }
}

#[test]
fn a_store_that_hangs_leaves_the_process_threads_for_everything_else() {
    let map = Map::new();
    let runtime = runtime::shared().unwrap();
    for store in both(&map, IMPATIENT) {
        map.loads(Manners::Blocks);
        // More than the process has of them.
        let loads = (0..600).map(|number| {
            asked(
                &store,
                StoreRequest::On { key: key(&number.to_string()), operation: RecordOperation::Load },
            )
        });
        for reply in block_on(join_all(loads)) {
            failed(reply, StoreFailureKind::Unavailable);
        }
        let (free, is_free) = std::sync::mpsc::channel();
        drop(runtime.spawn_blocking(move || free.send(()).unwrap()));
        is_free.recv_timeout(PATIENT / 6).expect("names of hosts could not be looked up");
        map.loads(Manners::Good);
        assert_eq!(on_in_the_end(&store, "0", &RecordOperation::Load), StoreReply::Missing);
    }
}

#[test]
fn a_list_that_takes_longer_than_anybody_waits_goes_on_and_is_given_to_who_asks_again() {
    let map = Map::new();
    for store in both(&map, IMPATIENT) {
        for number in 0..100 {
            assert_eq!(on_in_the_end(&store, &format!("{number:02}"), &create(1)), StoreReply::Done);
        }
        map.loads(Manners::TakesAWhile);
        let list = || {
            let collection = key("").collection;
            block_on(asked(
                &store,
                StoreRequest::List { collection, which: Which::Living, after: None, limit: 500 },
            ))
        };
        let told = failed(list(), StoreFailureKind::Unavailable);
        assert!(told.contains("ask for it again"), "{told}");
        let again = (0..600).map(|_| list()).find(|reply| !matches!(reply, StoreReply::Failed(_)));
        let Some(StoreReply::Listed(entries)) = again else { panic!("{again:?}") };
        assert_eq!(entries.len(), 100);
        map.loads(Manners::Good);
        for number in 0..100 {
            let gone = on_in_the_end(&store, &format!("{number:02}"), &RecordOperation::Delete);
            assert_eq!(gone, StoreReply::Done);
        }
    }
}

#[test]
fn a_list_in_which_a_call_hangs_fails_and_is_begun_anew() {
    for manners in [Manners::Waits, Manners::Blocks] {
        let map = Map::new();
        for store in both(&map, IMPATIENT) {
            map.loads(manners);
            let list = || {
                let collection = key("").collection;
                StoreRequest::List { collection, which: Which::Living, after: None, limit: 5 }
            };
            failed(block_on(asked(&store, list())), StoreFailureKind::Unavailable);
            map.loads(Manners::Good);
            let again = (0..600).map(|_| block_on(asked(&store, list())));
            let listed = again.into_iter().find(|reply| !matches!(reply, StoreReply::Failed(_)));
            assert_eq!(listed, Some(StoreReply::Listed(Vec::new())));
        }
    }
}
