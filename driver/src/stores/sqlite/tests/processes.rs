//! Another process at the same file: this test program, started again for its part.

use std::env;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
#[cfg(unix)]
use std::thread;

use grantline_core::StoreFailureKind;

use super::*;
use crate::stores::clock::StoreClock;
use crate::stores::sqlite::turns::Turns;
#[cfg(unix)]
use crate::stores::testing::{Asked, failed, loaded};
#[cfg(unix)]
use crate::stores::{Store, sqlite::Sqlite};

const PATH: &str = "GRANTLINE_TEST_SQLITE";
const READY: &str = "the other process is ready";

/// The path, in the process that was started for its part.
fn part() -> Option<PathBuf> {
    env::var_os(PATH).map(PathBuf::from)
}

/// Says that it is ready, and lives until its parent ends it, or ends.
fn ready() {
    println!("{READY}");
    let _ = std::io::stdin().read(&mut [0]);
}

/// Starts the part of that test, and waits until it is ready.
fn start(test: &str, path: &Path) -> Child {
    let test = format!("stores::sqlite::tests::processes::{test}");
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", &test, "--nocapture"])
        .env(PATH, path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(said.map_while(Result::ok).any(|line| line.ends_with(READY)), "{test} did not get ready");
    child
}

fn kill(mut child: Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn open(path: &Path) -> Database {
    Database::open(path, StoreClock::default(), soon()).unwrap()
}

#[test]
fn the_lease_of_a_process_that_is_killed_is_free_at_once() {
    if let Some(path) = part() {
        let mut database = open(&path);
        assert_eq!(database.on(create(1)), StoreReply::Done);
        assert!(matches!(database.begin(1), StoreReply::Begun { earlier: None, .. }));
        return ready();
    }
    let place = Place::new();
    let child = start("the_lease_of_a_process_that_is_killed_is_free_at_once", &place.path());
    let mut database = open(&place.path());
    assert!(matches!(database.begin(2), StoreReply::Held { .. }));
    kill(child);
    let StoreReply::Begun { earlier: Some(mark), .. } = database.begin(2) else { panic!("it is held") };
    assert_eq!(mark.attempt, Attempt(1));
}

#[test]
fn the_turn_of_another_process_is_waited_for_and_ends_with_it() {
    if let Some(path) = part() {
        let _turn = Turns::of(&path).unwrap().take_until(soon()).unwrap();
        return ready();
    }
    let place = Place::new();
    let child = start("the_turn_of_another_process_is_waited_for_and_ends_with_it", &place.path());
    let turns = Turns::of(&place.path()).unwrap();
    for _ in 0..10 {
        assert!(turns.take_until(Instant::now() + IMPATIENT / 10).is_none(), "two have the turn");
    }
    kill(child);
    drop(turns.take_until(soon()).unwrap());
}

#[cfg(unix)]
#[test]
fn two_processes_that_wait_for_each_other_s_turns_at_two_databases_do_not_wait_long() {
    let other = |path: &Path| path.with_file_name("other.db");
    if let Some(path) = part() {
        let _turn = Turns::of(&other(&path)).unwrap().take_until(soon()).unwrap();
        println!("{READY}");
        drop(Turns::of(&path).unwrap().take_until(soon()));
        return;
    }
    let place = Place::new();
    let _turn = Turns::of(&place.path()).unwrap().take_until(soon()).unwrap();
    let test = "two_processes_that_wait_for_each_other_s_turns_at_two_databases_do_not_wait_long";
    let child = start(test, &place.path());
    // The second of them is sent away: this one goes on without, or the other one ends and leaves its turn.
    let until = soon();
    drop(Turns::of(&other(&place.path())).unwrap().take_until(until));
    assert!(Instant::now() < until, "they waited for each other");
    kill(child);
}

/// What one who waits for others is given here.
const IMPATIENT: Duration = Duration::from_millis(250);

/// The store as an application has it, beside a process that has its turn and is stopped there.
#[cfg(unix)]
fn beside_a_stopped_process(test: &str, then: impl FnOnce(&Asked)) {
    let place = Place::new();
    let opened = |limit| Sqlite::open(&place.path(), StoreClock::default(), limit).map(Store::elsewhere);
    let asked = Asked::new(opened(IMPATIENT).unwrap(), "client");
    assert_eq!(asked.create(1), StoreReply::Done);
    let child = start(test, &place.path());
    then(&asked);
    kill(child);
    assert_eq!(Asked::new(opened(LEASE).unwrap(), "client").commit(2), StoreReply::Done);
}

#[cfg(unix)]
#[test]
fn who_reads_does_not_stand_behind_a_process_that_was_stopped_while_it_wrote() {
    if let Some(path) = part() {
        let _turn = Turns::of(&path).unwrap().take_until(soon()).unwrap();
        let sqlite = rusqlite::Connection::open(&path).unwrap();
        sqlite.execute_batch("BEGIN IMMEDIATE").unwrap();
        return ready();
    }
    let test = "who_reads_does_not_stand_behind_a_process_that_was_stopped_while_it_wrote";
    beside_a_stopped_process(test, |asked| {
        thread::scope(|scope| {
            let writes = scope.spawn(|| asked.commit(1));
            assert_eq!(asked.load(), loaded(1));
            assert_eq!(asked.list().len(), 1);
            let told = failed(StoreFailureKind::Unavailable, writes.join().unwrap());
            assert!(
                told.detail.contains("database is locked (SQLite 5)"),
                "SQLite's own word and code: {told}"
            );
        });
        assert_eq!(asked.load(), loaded(1));
    });
}

#[cfg(unix)]
#[test]
fn a_process_that_was_stopped_in_its_turn_and_writes_nothing_keeps_nobody_from_writing() {
    if let Some(path) = part() {
        let _turn = Turns::of(&path).unwrap().take_until(soon()).unwrap();
        return ready();
    }
    let test = "a_process_that_was_stopped_in_its_turn_and_writes_nothing_keeps_nobody_from_writing";
    beside_a_stopped_process(test, |asked| assert_eq!(asked.commit(1), StoreReply::Done));
}

#[cfg(unix)]
#[test]
fn the_lease_of_a_killed_process_is_free_at_once_although_its_child_lives() {
    if let Some(path) = part() {
        let asked = Asked::new(Store::sqlite(&path).unwrap(), "client");
        assert_eq!(asked.create(1), StoreReply::Done);
        assert!(matches!(asked.begin(1), StoreReply::Begun { .. }));
        #[allow(unsafe_code, reason = "there is no safe fork, and the child only waits to be ended")]
        let child = unsafe { libc::fork() };
        if child == 0 {
            #[allow(unsafe_code, reason = "two system calls without preconditions")]
            unsafe {
                libc::alarm(60);
                libc::pause();
                libc::_exit(0);
            }
        }
        fs::write(path.with_extension("child"), child.to_string()).unwrap();
        return ready();
    }
    let place = Place::new();
    let parent =
        start("the_lease_of_a_killed_process_is_free_at_once_although_its_child_lives", &place.path());
    let asked = Asked::new(Store::sqlite(place.path()).unwrap(), "client");
    assert!(matches!(asked.begin(2), StoreReply::Held { .. }), "a living parent keeps its lease");
    kill(parent);
    let begun = asked.begin(2);
    let child = fs::read_to_string(place.path().with_extension("child")).unwrap().parse().unwrap();
    #[allow(unsafe_code, reason = "a signal to a process that this test started")]
    let ended = unsafe { libc::kill(child, libc::SIGKILL) };
    assert_eq!(ended, 0, "the child did not live any more");
    assert!(matches!(begun, StoreReply::Begun { earlier: Some(_), .. }), "{begun:?}");
}
