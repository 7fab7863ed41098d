//! How the file is kept: for its owner alone, and not for ever.

use std::thread;

use super::*;

const DAY: Duration = Duration::from_secs(24 * 3600);

#[cfg(unix)]
#[test]
fn its_files_are_for_their_owner_alone() {
    let place = Place::new();
    let mut database = place.open();
    assert_eq!(database.on(create(1)), StoreReply::Done);
    for name in ["sessions.db", "sessions.db-wal", "sessions.db-shm"] {
        assert_eq!(mode(&place.folder.join(name)), 0o600, "{name}");
    }
    assert_eq!(mode(&place.folder.join("sessions.db-holders")), 0o700);
    assert_eq!(mode(&place.holders()[0]), 0o600);
}

#[test]
fn an_answer_is_on_the_disk_before_it_is_given() {
    let place = Place::new();
    let database = place.open();
    assert_eq!(database.pragma("journal_mode"), "wal");
    assert_eq!(database.pragma("synchronous"), "2", "FULL");
    assert_eq!(database.pragma("fullfsync"), "1");
}

#[test]
fn tombstones_are_dropped_after_90_days_and_records_at_their_own_time() {
    let place = Place::new();
    let mut database = place.open();
    let mut short_lived = record(1);
    short_lived.discard_after = Some(NOW.wall.plus(DAY));
    assert_eq!(
        database.on_named("service", RecordOperation::Create { record: short_lived }),
        StoreReply::Done
    );
    assert_eq!(database.on_named("kept", create(1)), StoreReply::Done);
    assert_eq!(database.on_named("ended", create(1)), StoreReply::Done);
    assert_eq!(database.on_named("ended", RecordOperation::Close), StoreReply::Closed(record(1)));

    place.clock.pass(DAY + Duration::from_millis(1));
    drop(place.open());
    assert_eq!(database.on_named("service", RecordOperation::Load), StoreReply::Missing);
    place.clock.pass((DAY * 89).saturating_sub(Duration::from_millis(1)));
    drop(place.open());
    let tombstone = StoreReply::Ended { generation: Generation((1 << 32) + 1) };
    assert_eq!(database.on_named("ended", RecordOperation::Load), tombstone);
    place.clock.pass(Duration::from_millis(1));
    drop(place.open());
    assert_eq!(database.on_named("ended", RecordOperation::Load), StoreReply::Missing);
    assert_eq!(database.on_named("kept", RecordOperation::Load), StoreReply::Loaded(record(1)));
}

#[test]
fn a_time_beyond_every_calendar_is_the_last_one_there_is() {
    let place = Place::new();
    let mut database = place.open();
    let last = UnixMillis(u64::MAX);
    let record = Record { discard_after: Some(last), ..record(1) };
    assert_eq!(database.on(RecordOperation::Create { record: record.clone() }), StoreReply::Done);
    let ttl = Duration::MAX;
    let begun = database.on(RecordOperation::Begin { attempt: Attempt(1), ttl });
    assert!(matches!(begun, StoreReply::Begun { .. }), "{begun:?}");
    drop(place.open());
    assert_eq!(database.names(Which::Abandoned), Vec::<String>::new());
    let kept = Record { discard_after: Some(UnixMillis(i64::MAX.cast_unsigned())), ..record };
    assert_eq!(database.on(RecordOperation::Load), StoreReply::Loaded(kept));
}

#[test]
fn a_store_that_stays_open_drops_every_hour_what_may_go_and_no_more_than_a_thousand_at_once() {
    let place = Place::new();
    let mut database = place.open();
    let short_lived = Record { discard_after: Some(NOW.wall.plus(DAY)), ..record(1) };
    for number in 0..1001 {
        let create = RecordOperation::Create { record: short_lived.clone() };
        assert_eq!(database.on_named(&format!("{number}"), create), StoreReply::Done);
    }
    let count =
        || place.sql().query_row("SELECT count(*) FROM record", [], |row| row.get::<_, u32>(0)).unwrap();
    place.clock.pass(DAY + Duration::from_millis(1));
    assert_eq!(database.on_named("kept", create(1)), StoreReply::Done);
    assert_eq!(count(), 2, "the kept one, and one beyond the thousand");
    assert_eq!(database.on_named("kept", create(2)), StoreReply::Done);
    assert_eq!(count(), 1);
    let over = Record { discard_after: Some(NOW.wall), ..record(1) };
    assert_eq!(database.on_named("over", RecordOperation::Create { record: over }), StoreReply::Done);
    assert_eq!(database.on_named("kept", create(3)), StoreReply::Done);
    assert_eq!(count(), 2, "not before the next hour");
}

#[cfg(unix)]
#[test]
fn files_of_ours_that_others_may_read_are_made_their_owner_s_alone() {
    let place = Place::new();
    let mut database = place.open();
    assert_eq!(database.on(create(1)), StoreReply::Done);
    let files = ["sessions.db", "sessions.db-wal", "sessions.db-shm"].map(|name| place.folder.join(name));
    let folder = place.folder.join("sessions.db-holders");
    for path in &files {
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o664)).unwrap();
    }
    fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o775)).unwrap();
    let another = place.open();
    for path in &files {
        assert_eq!(mode(path), 0o600, "{}", path.display());
    }
    assert_eq!(mode(&folder), 0o700);
    drop((database, another));
}

#[cfg(unix)]
#[test]
fn an_empty_file_that_others_may_read_is_made_its_owner_s_alone_and_another_program_s_is_not() {
    let place = Place::new();
    fs::write(place.path(), "").unwrap();
    fs::set_permissions(place.path(), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    assert_eq!(place.open().on(create(1)), StoreReply::Done);
    assert_eq!(mode(&place.path()), 0o600);

    let others = Place::new();
    others.sql().execute_batch("CREATE TABLE customers (name TEXT)").unwrap();
    fs::set_permissions(others.path(), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    others.try_open().map(drop).unwrap_err();
    assert_eq!(mode(&others.path()), 0o644);
}

#[test]
fn many_who_open_a_new_file_at_once_share_it() {
    let place = Place::new();
    thread::scope(|scope| {
        let opening: Vec<_> = (1..=8_u64)
            .map(|generation| {
                let place = &place;
                scope.spawn(move || place.open().on_named(&format!("{generation}"), create(generation)))
            })
            .collect();
        for opened in opening {
            assert_eq!(opened.join().unwrap(), StoreReply::Done);
        }
    });
    assert_eq!(place.open().names(Which::Living), ["1", "2", "3", "4", "5", "6", "7", "8"]);
}

#[cfg(unix)]
#[test]
fn who_comes_by_a_link_finds_the_same_holders() {
    let place = Place::new();
    let mut database = place.open();
    let link = place.folder.join("link.db");
    std::os::unix::fs::symlink(place.path(), &link).unwrap();
    let by_link = Database::open(&link, place.clock.clock(), soon()).unwrap();
    assert_eq!(place.holders().len(), 2);
    assert_eq!(database.on(create(1)), StoreReply::Done);
    drop(by_link);
}

/// A file as version 1 of the first release wrote it: it has to stay readable for ever.
const FIRST_V1: &str = include_str!("../../../../tests/fixtures/sqlite_v1.sql");

#[test]
fn the_first_release_s_file_is_read() {
    let place = Place::new();
    place.sql().execute_batch(FIRST_V1).unwrap();
    let mut database = place.open();
    assert_eq!(database.on_named("living", RecordOperation::Load), StoreReply::Loaded(record(3)));
    let highest = StoreReply::Ended { generation: Generation(u64::MAX) };
    assert_eq!(database.on_named("ended", RecordOperation::Load), highest);
    assert_eq!(database.names(Which::Abandoned), ["marked"]);
    let begun = database.on_named("marked", RecordOperation::Begin { attempt: Attempt(1), ttl: LEASE });
    let StoreReply::Begun { earlier: Some(mark), .. } = begun else { panic!("{begun:?}") };
    assert_eq!((mark.attempt, mark.age), (Attempt(0x0102_0304), Duration::from_secs(20)));
}
