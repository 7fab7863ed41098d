//! What is kept of a session in an application's store.

use super::*;

#[test]
fn a_blob_store_keeps_the_contract() {
    let (map, clock) = (Map::new(), TestClock::at(NOW));
    let shared_clock = clock.clone();
    let make = move || Store::elsewhere(Blobs::new(map.clone(), shared_clock.clock(), PATIENT));
    let contract = Contract::one_process(make).passing_time_with(move |duration| {
        clock.pass(duration);
        std::future::ready(())
    });
    block_on(contract.check()).assert_kept();
}

#[test]
fn a_shared_store_keeps_the_contract() {
    let map = Map::new();
    let clock = map.clock().clone();
    let make = move || Store::elsewhere(Shared::new(map.clone(), map.clock().clock(), PATIENT));
    let contract = Contract::shared(make).passing_time_with(move |duration| {
        clock.pass(duration);
        std::future::ready(())
    });
    block_on(contract.check()).assert_kept();
}

#[test]
fn a_lease_in_a_blob_store_ends_with_its_process_and_leaves_its_mark() {
    let (map, clock) = (Map::new(), TestClock::at(NOW));
    let make = || Store::elsewhere(Blobs::new(map.clone(), clock.clock(), PATIENT));
    let store = make();
    assert_eq!(on(&store, "a", create(1)), StoreReply::Done);
    assert_eq!(on(&store, "a", begin(1)), StoreReply::Begun { record: record(1), earlier: None });
    drop(store);
    clock.pass(Duration::from_secs(3));
    let store = make();
    assert_eq!(names(&store, Which::Abandoned), ["a"]);
    let earlier = Some(Mark::new(Attempt(1), Generation(1), Duration::from_secs(3)));
    assert_eq!(on(&store, "a", begin(2)), StoreReply::Begun { record: record(1), earlier });
}

#[test]
fn a_mark_from_before_the_device_was_started_is_as_old_as_its_start() {
    let (map, clock) = (Map::new(), TestClock::at(NOW));
    let make = || Store::elsewhere(Blobs::new(map.clone(), clock.clock(), PATIENT));
    let store = make();
    assert_eq!(on(&store, "a", create(1)), StoreReply::Done);
    assert_eq!(on(&store, "a", begin(1)), StoreReply::Begun { record: record(1), earlier: None });
    clock.set(Now { boot: Millis(700), ..NOW });
    let earlier = Some(Mark::new(Attempt(1), Generation(1), Duration::from_millis(700)));
    assert_eq!(on(&make(), "a", begin(2)), StoreReply::Begun { record: record(1), earlier });
}

#[test]
fn a_list_drops_tombstones_of_90_days() {
    let (map, clock) = (Map::new(), TestClock::at(NOW));
    for store in [
        Store::elsewhere(Blobs::new(map.clone(), clock.clock(), PATIENT)),
        Store::elsewhere(Shared::new(map.clone(), clock.clock(), PATIENT)),
    ] {
        clock.set(NOW);
        assert_eq!(on(&store, "kept", create(1)), StoreReply::Done);
        assert_eq!(on(&store, "ended", create(1)), StoreReply::Done);
        assert_eq!(on(&store, "ended", RecordOperation::Close), StoreReply::Closed(record(1)));
        clock.pass(Duration::from_secs(90 * 24 * 3600));
        assert_eq!(names(&store, Which::Living), ["kept"]);
        let tombstone = StoreReply::Ended { generation: Generation((1 << 32) + 1) };
        assert_eq!(on(&store, "ended", RecordOperation::Load), tombstone);
        clock.pass(Duration::from_millis(1));
        assert_eq!(names(&store, Which::Living), ["kept"]);
        assert_eq!(on(&store, "ended", RecordOperation::Load), StoreReply::Missing);
        assert_eq!(on(&store, "kept", RecordOperation::Delete), StoreReply::Done);
    }
}

#[test]
fn logins_that_nobody_completed_are_dropped_when_the_next_one_is_stored() {
    const LATER: Duration = Duration::from_secs(3601);
    for (kind, is_shared, opens_again) in [
        (RecordKind::PendingLogin, false, false),
        (RecordKind::PendingLogin, true, false),
        (RecordKind::PendingLogin, false, true),
        (RecordKind::PendingLogin, true, true),
        (RecordKind::ServiceToken, false, false),
        (RecordKind::ServiceToken, true, false),
    ] {
        let (map, clock) = (Map::new(), TestClock::at(NOW));
        let open = || match is_shared {
            true => Store::elsewhere(Shared::new(map.clone(), clock.clock(), PATIENT)),
            false => Store::elsewhere(Blobs::new(map.clone(), clock.clock(), PATIENT)),
        };
        let store = open();
        store_until(&store, kind, "abandoned", NOW.wall.plus(LATER / 2));
        clock.pass(LATER);
        let store = if opens_again { open() } else { store };
        store_until(&store, kind, "next", NOW.wall.plus(LATER * 2));
        gone(&map, &flat(kind, "abandoned"));
        assert!(map.bytes(&flat(kind, "next")).is_some());
    }
}

fn in_collection(kind: RecordKind, name: &str) -> RecordKey {
    let collection = Collection::new(kind, "https://issuer.example", "client");
    RecordKey { collection, name: name.to_owned() }
}

fn flat(kind: RecordKind, name: &str) -> String {
    names::flat(&in_collection(kind, name))
}

fn store_until(store: &Store, kind: RecordKind, name: &str, over: UnixMillis) {
    let record = Record { discard_after: Some(over), ..record(1) };
    let create = RecordOperation::Create { record };
    let request = StoreRequest::On { key: in_collection(kind, name), operation: create };
    assert_eq!(block_on(asked(store, request)), StoreReply::Done);
}

/// Waits until a record is: it is dropped while nobody waits.
#[track_caller]
fn gone(map: &Map, name: &str) {
    let mut calls = map.calls();
    let dropped = async {
        while map.bytes(name).is_some() {
            calls.changed().await.unwrap();
        }
    };
    let in_time = runtime::shared().unwrap().block_on(async { tokio::time::timeout(PATIENT, dropped).await });
    assert!(in_time.is_ok(), "{name} is kept for ever");
}

#[test]
fn a_long_list_of_a_shared_store_is_read_to_its_end() {
    let map = Map::new();
    let store = Store::elsewhere(Shared::new(map.clone(), map.clock().clock(), PATIENT));
    for number in 0..600 {
        assert_eq!(on(&store, &format!("{number:03}"), create(1)), StoreReply::Done);
    }
    let collection = key("").collection;
    let list = |limit| StoreRequest::List {
        collection: collection.clone(),
        which: Which::Living,
        after: None,
        limit,
    };
    for (limit, due) in [(1000, 600), (599, 599), (512, 512), (1, 1), (0, 0)] {
        match block_on(asked(&store, list(limit))) {
            StoreReply::Listed(entries) => assert_eq!(entries.len(), due),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_forked_child_shares_a_shared_store_and_has_nothing_of_a_blob_store() {
    let map = Map::new();
    let [blobs, shared] = both(&map, PATIENT);
    assert_eq!(on(&shared, "a", create(1)), StoreReply::Done);
    assert_eq!(on(&shared.reopen().unwrap(), "a", RecordOperation::Load), StoreReply::Loaded(record(1)));
    let of_the_parent = blobs.reopen().unwrap();
    failed(on(&of_the_parent, "a", RecordOperation::Load), StoreFailureKind::Denied);
    failed(on(&of_the_parent.reopen().unwrap(), "a", create(1)), StoreFailureKind::Denied);
}
