//! Another process at the same file: this test program, started again for its part.

use std::env;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use grantline_core::StoreFailureKind;

use super::*;
use crate::stores::clock::StoreClock;
use crate::stores::sqlite::turns::Turns;

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
    Database::open(path, StoreClock::default()).unwrap()
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
        let _turn = Turns::of(&path).unwrap().take();
        return ready();
    }
    let place = Place::new();
    let child = start("the_turn_of_another_process_is_waited_for_and_ends_with_it", &place.path());
    let turns = Turns::of(&place.path()).unwrap();
    let Err(trouble) = turns.take_within(Duration::from_millis(20)) else { panic!("two have the turn") };
    assert_eq!(trouble.at(&place.path()).kind, StoreFailureKind::Unavailable);
    kill(child);
    drop(turns.take());
}
