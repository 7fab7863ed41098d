//! Files that cannot be used: each has its kind of failure, and nothing is deleted.

use grantline_core::{Error, StoreFailure, StoreFailureKind};

use super::*;

#[track_caller]
fn refused(place: &Place, kind: StoreFailureKind) -> StoreFailure {
    let failure = place.try_open().map(drop).unwrap_err().at(&place.path());
    assert_eq!(failure.kind, kind, "{failure}");
    failure
}

#[track_caller]
fn failed(reply: StoreReply, kind: StoreFailureKind) {
    match reply {
        StoreReply::Failed(failure) => assert_eq!(failure.kind, kind, "{failure}"),
        other => panic!("expected {kind:?}, got {other:?}"),
    }
}

/// A file with 50 records of 4 KiB, as its last process left it.
fn written(place: &Place) {
    let mut database = place.open();
    for number in 0..50 {
        let record = Record::new(Generation(1), SecretBytes::new(vec![number; 4096]));
        let reply = database.on_named(&format!("{number}"), RecordOperation::Create { record });
        assert_eq!(reply, StoreReply::Done);
    }
    database.close();
}

#[test]
fn a_folder_that_is_not_there_is_told_with_the_path_and_what_to_do() {
    let mut place = Place::new();
    place.folder = place.folder.join("missing");
    let failure = refused(&place, StoreFailureKind::Denied);
    assert!(failure.to_string().contains(place.path().to_str().unwrap()), "{failure}");
    let advice = format!("the folder {} does not exist: make it first", place.folder.display());
    assert!(failure.to_string().contains(&advice), "{failure}");
    let failure = crate::Store::sqlite(place.path()).err().unwrap();
    assert!(failure.to_string().contains(&advice), "{failure}");
}

#[test]
fn a_folder_in_the_place_of_the_file_is_denied() {
    let place = Place::new();
    fs::create_dir(place.path()).unwrap();
    refused(&place, StoreFailureKind::Denied);
}

#[test]
fn a_file_in_the_place_of_the_holders_folder_is_denied() {
    let place = Place::new();
    fs::write(place.folder.join("sessions.db-holders"), "").unwrap();
    refused(&place, StoreFailureKind::Denied);
}

#[test]
fn a_file_that_became_read_only_denies_writing_and_can_be_read() {
    let place = Place::new();
    let mut database = place.open();
    assert_eq!(database.on(create(1)), StoreReply::Done);
    database.set_pragma("query_only", 1);
    failed(database.on(commit(1)), StoreFailureKind::Denied);
    failed(database.begin(1), StoreFailureKind::Denied);
    assert_eq!(database.on(RecordOperation::Load), StoreReply::Loaded(record(1)));
}

#[test]
fn a_full_disk_keeps_what_is_there_and_goes_on_when_there_is_room() {
    let place = Place::new();
    let mut database = place.open();
    assert_eq!(database.on(create(1)), StoreReply::Done);
    let pages = database.pragma("page_count").parse().unwrap();
    database.set_pragma("max_page_count", pages);
    let big = Record::new(Generation(2), SecretBytes::new(vec![7; 1 << 20]));
    let big = || RecordOperation::Commit { spent: Generation(1), record: big.clone() };
    failed(database.on(big()), StoreFailureKind::Full);
    assert_eq!(database.on(RecordOperation::Load), StoreReply::Loaded(record(1)));
    assert!(matches!(database.begin(1), StoreReply::Begun { .. }), "what fits is written");
    database.set_pragma("max_page_count", pages + 10_000);
    assert_eq!(database.on(big()), StoreReply::Done);
}

#[test]
fn a_database_that_another_process_works_on_is_unavailable_for_now() {
    let place = Place::new();
    let mut database = place.open();
    assert_eq!(database.on(create(1)), StoreReply::Done);
    database.set_pragma("busy_timeout", 0);
    let other = place.sql();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    failed(database.on(commit(1)), StoreFailureKind::Unavailable);
    assert_eq!(database.on(RecordOperation::Load), StoreReply::Loaded(record(1)));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(database.on(commit(1)), StoreReply::Done);
}

#[test]
fn a_truncated_file_is_damaged_and_left_as_it_is() {
    let place = Place::new();
    written(&place);
    let half = fs::metadata(place.path()).unwrap().len() / 2;
    fs::OpenOptions::new().write(true).open(place.path()).unwrap().set_len(half).unwrap();
    // Depending on what was cut off it shows at once or later.
    match place.try_open() {
        Ok(mut database) => {
            let replies: Vec<_> = (0..50)
                .map(|number| database.on_named(&format!("{number}"), RecordOperation::Load))
                .collect();
            assert!(!replies.contains(&StoreReply::Missing), "nothing is taken for deleted");
            let failure = replies.into_iter().find(|reply| matches!(reply, StoreReply::Failed(_))).unwrap();
            failed(failure, StoreFailureKind::Damaged);
        }
        Err(trouble) => assert_eq!(trouble.at(&place.path()).kind, StoreFailureKind::Damaged),
    }
    assert_eq!(fs::metadata(place.path()).unwrap().len(), half);
}

#[test]
fn a_file_with_other_bytes_in_it_is_damaged_and_left_as_it_is() {
    let place = Place::new();
    let bytes = b"not a database at all\n".repeat(1000);
    fs::write(place.path(), &bytes).unwrap();
    refused(&place, StoreFailureKind::Damaged);
    assert_eq!(fs::read(place.path()).unwrap(), bytes);
}

#[test]
fn a_file_of_a_newer_release_is_too_new_and_left_as_it_is() {
    let place = Place::new();
    written(&place);
    place.sql().execute_batch("PRAGMA user_version = 2; DROP TABLE record; CREATE TABLE other (a);").unwrap();
    let before = fs::read(place.path()).unwrap();
    let failure = refused(&place, StoreFailureKind::TooNew);
    assert_eq!(Error::Store(failure).code(), "store_too_new");
    assert_eq!(fs::read(place.path()).unwrap(), before);
}

#[test]
fn the_database_of_another_program_is_left_as_it_is() {
    let place = Place::new();
    place
        .sql()
        .execute_batch("CREATE TABLE customers (name TEXT); INSERT INTO customers VALUES ('a');")
        .unwrap();
    let before = fs::read(place.path()).unwrap();
    let failure = refused(&place, StoreFailureKind::Damaged);
    assert_eq!(Error::Store(failure.clone()).code(), "store_damaged");
    assert!(failure.detail.contains("another program"), "{failure}");
    assert_eq!(fs::read(place.path()).unwrap(), before);
}

#[test]
fn a_damaged_row_is_told_and_can_be_deleted() {
    let place = Place::new();
    let mut database = place.open();
    for change in [
        "mark_attempt = x'01', mark_set_ms = 1",
        "mark_attempt = zeroblob(16)",
        "mark_set_ms = 1",
        "lease_attempt = zeroblob(16), lease_set_ms = 1",
        "lease_until_ms = 1",
        "lease_attempt = zeroblob(16), lease_set_ms = 1, lease_until_ms = -1",
        "discard_after_ms = -1",
    ] {
        assert_eq!(database.on(create(1)), StoreReply::Done);
        place.sql().execute(&format!("UPDATE record SET {change}"), []).unwrap();
        failed(database.on(RecordOperation::Load), StoreFailureKind::Damaged);
        failed(database.on(create(5)), StoreFailureKind::Damaged);
        assert_eq!(database.names(Which::Living), ["a"], "{change}");
        assert_eq!(database.on(RecordOperation::Delete), StoreReply::Done);
        assert_eq!(database.on(RecordOperation::Load), StoreReply::Missing);
    }
}
