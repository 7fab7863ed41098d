//! Leases of the living, the stopped and the dead.

use grantline_core::{Mark, RecordOperation, StoreReply};

use super::*;

fn begun(earlier: Option<(u128, Duration)>) -> StoreReply {
    let earlier = earlier.map(|(attempt, age)| Mark::new(Attempt(attempt), Generation(1), age));
    StoreReply::Begun { record: record(1), earlier }
}

/// One who has a lease, and another.
fn holder_and_other(place: &Place) -> (Database, Database) {
    let (mut holder, other) = (place.open(), place.open());
    assert_eq!(holder.on(create(1)), StoreReply::Done);
    assert_eq!(holder.begin(1), begun(None));
    (holder, other)
}

#[test]
fn the_lease_of_a_killed_holder_is_free_at_once_and_its_mark_is_told() {
    let place = Place::new();
    let (holder, mut other) = holder_and_other(&place);
    assert_eq!(other.begin(2), StoreReply::Held { remaining: LEASE });
    killed(holder);
    place.clock.pass(Duration::from_secs(1));
    assert_eq!(other.begin(2), begun(Some((1, Duration::from_secs(1)))));
    assert_eq!(place.holders().len(), 1, "the file of the dead is gone");
}

#[test]
fn the_lease_of_a_stopped_holder_is_kept_until_its_time_is_over() {
    let place = Place::new();
    let (mut holder, mut other) = holder_and_other(&place);
    place.clock.pass(LEASE.saturating_sub(Duration::from_millis(1)));
    assert_eq!(other.begin(2), StoreReply::Held { remaining: Duration::from_millis(1) });
    place.clock.pass(Duration::from_millis(1));
    assert_eq!(other.begin(2), begun(Some((1, LEASE))));
    // It wakes with a good answer in its hands.
    assert_eq!(holder.on(commit(1)), StoreReply::Done);
}

#[test]
fn who_opens_the_file_frees_what_all_the_dead_held() {
    let place = Place::new();
    let (mut holder, other) = holder_and_other(&place);
    assert_eq!(holder.on_named("b", create(1)), StoreReply::Done);
    assert_eq!(holder.on_named("b", RecordOperation::Begin { attempt: Attempt(5), ttl: LEASE }), begun(None));
    killed(holder);
    killed(other);
    let mut third = place.open();
    assert_eq!(place.holders().len(), 1);
    assert_eq!(third.names(Which::Abandoned), ["a", "b"]);
    assert_eq!(third.begin(3), begun(Some((1, Duration::ZERO))));
}

#[test]
fn a_record_is_listed_as_abandoned_as_soon_as_its_holder_is_dead() {
    let place = Place::new();
    let (holder, mut other) = holder_and_other(&place);
    assert_eq!(other.names(Which::Abandoned), Vec::<String>::new());
    killed(holder);
    assert_eq!(other.names(Which::Abandoned), ["a"]);
}

#[test]
fn a_store_that_is_closed_gives_its_leases_back_and_removes_its_file() {
    let place = Place::new();
    let (holder, mut other) = holder_and_other(&place);
    holder.close();
    assert_eq!(place.holders().len(), 1);
    assert_eq!(other.begin(2), begun(Some((1, Duration::ZERO))));
}

#[test]
fn a_holder_whose_file_was_tidied_away_may_live_and_keeps_its_lease() {
    let place = Place::new();
    let (holder, mut other) = holder_and_other(&place);
    place.holders().iter().for_each(|path| fs::remove_file(path).unwrap());
    assert_eq!(other.begin(2), StoreReply::Held { remaining: LEASE });
    killed(holder);
    assert_eq!(other.begin(2), StoreReply::Held { remaining: LEASE });
    place.clock.pass(LEASE);
    assert_eq!(other.begin(2), begun(Some((1, LEASE))));
}

#[test]
fn a_name_that_no_holder_has_is_not_looked_for_in_the_file_system() {
    let place = Place::new();
    let (holder, mut other) = holder_and_other(&place);
    let outside = place.folder.join("outside");
    fs::write(&outside, "").unwrap();
    place.sql().execute("UPDATE record SET lease_holder = '../outside'", []).unwrap();
    assert_eq!(other.begin(2), StoreReply::Held { remaining: LEASE });
    assert!(outside.exists());
    drop(holder);
}

#[test]
fn a_lease_from_before_the_machine_was_started_is_over_and_its_mark_is_as_old_as_the_start() {
    let place = Place::new();
    let (holder, mut other) = holder_and_other(&place);
    // Its file stands there as before, since this process has not ended.
    let started = Now { boot: Millis(500), ..NOW };
    place.clock.set(started);
    assert_eq!(other.names(Which::Abandoned), ["a"]);
    assert_eq!(other.begin(2), begun(Some((1, Duration::from_millis(500)))));
    drop(holder);
}

#[test]
fn a_lease_from_before_the_machine_was_started_is_over_although_its_mark_could_be_of_today() {
    let place = Place::new();
    place.clock.set(Now { boot: Millis(100), ..NOW });
    let (holder, mut other) = holder_and_other(&place);
    place.clock.set(NOW);
    assert!(matches!(other.begin(2), StoreReply::Begun { .. }));
    // So that nobody is known to be dead.
    place.holders().iter().for_each(|path| fs::remove_file(path).unwrap());
    place.clock.set(Now { boot: Millis(30_000), ..NOW });
    assert_eq!(other.begin(3), begun(Some((1, Duration::from_millis(29_900)))));
    drop(holder);
}

#[test]
fn files_that_are_no_holder_s_are_left_alone() {
    let place = Place::new();
    let database = place.open();
    let stranger = place.folder.join("sessions.db-holders/notes.txt");
    fs::write(&stranger, "mine").unwrap();
    drop(place.open());
    assert!(stranger.exists());
    drop(database);
}
