//! What is for terminals only: colours, and a sign of life.
#![cfg(unix)]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod support;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use grantline_emulator::Config;
use rustix::fs::{Mode, OFlags};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use support::{Ended, PROFILES, World, ended};

/// A terminal: what is written to its end is seen here.
struct Terminal {
    seen: File,
    end: OwnedFd,
}

impl Terminal {
    fn open() -> Self {
        let seen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&seen).unwrap();
        unlockpt(&seen).unwrap();
        let end = ptsname(&seen, Vec::new()).unwrap();
        let end = rustix::fs::open(end.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
        Self { seen: seen.into(), end }
    }

    fn end(&self) -> Stdio {
        self.end.try_clone().unwrap().into()
    }

    /// Reads on until this is seen.
    fn wait_for(&mut self, words: &str) {
        let (mut all, mut some) = (String::new(), [0; 1024]);
        while !all.contains(words) {
            let count = self.seen.read(&mut some).expect(words);
            all.push_str(&String::from_utf8_lossy(&some[..count]));
        }
    }

    /// All that is seen until nobody writes any more.
    fn all(self) -> String {
        let Self { mut seen, end } = self;
        drop(end);
        let mut all = Vec::new();
        // Linux ends it with an error.
        let _ = seen.read_to_end(&mut all);
        String::from_utf8(all).unwrap()
    }
}

/// What a command shows that writes its result to a terminal.
fn shown(mut command: Command) -> String {
    let terminal = Terminal::open();
    let mut child = command.stdout(terminal.end()).stderr(Stdio::null()).spawn().unwrap();
    // It holds the terminal open as well.
    drop(command);
    let all = terminal.all();
    child.wait().unwrap();
    all
}

#[test]
fn colours_are_on_a_terminal_only_and_not_where_they_are_unwanted() {
    let world = World::new();
    let doctor = |arguments: &[&str]| world.command(&[&["doctor"], arguments].concat());
    let good = "\u{1b}[32mok";
    let in_colours = shown(doctor(&[]));
    assert!(in_colours.contains(good), "{in_colours}");
    let mut unwanted = doctor(&[]);
    unwanted.env("NO_COLOR", "1");
    for all in [shown(unwanted), shown(doctor(&["--json"])), world.run(&["doctor"]).done()] {
        assert!(all.contains("tcp") && !all.contains('\u{1b}'), "{all}");
    }
    let mut empty = doctor(&[]);
    assert!(
        shown({
            empty.env("NO_COLOR", "");
            empty
        })
        .contains(good),
        "https://no-color.org"
    );
}

#[test]
fn a_store_that_another_process_holds_is_waited_for_with_a_sign() {
    let world = World::new();
    world.run(&["token"]).done();
    let holder = rusqlite::Connection::open(world.folder.path("data/sessions.db")).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let mut terminal = Terminal::open();
    let child = world.command(&["token"]).stderr(terminal.end()).spawn().unwrap();
    terminal.wait_for("opening the store");
    holder.execute_batch("ROLLBACK").unwrap();
    child.wait_with_output().unwrap();
}

/// An API that answers when it is told to.
struct Slow {
    listener: TcpListener,
    world: World,
}

impl Slow {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("\"http://{}\"", listener.local_addr().unwrap());
        let world = World::with(
            Config::default(),
            &PROFILES.replacen("api_origins = [\"URL\"]", &format!("api_origins = [{url}]"), 1),
        );
        // The requests below take the stored one.
        world.run(&["token"]).done();
        Self { listener, world }
    }

    /// The next request, when it is there.
    fn request(&self) -> TcpStream {
        let (mut stream, _) = self.listener.accept().unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        stream
    }
}

fn answer(mut stream: TcpStream) {
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nfine").unwrap();
}

#[test]
fn what_takes_over_a_second_turns_a_sign_on_a_terminal_and_nowhere_else() {
    let api = Slow::start();
    let command = || api.world.command(&["request", "/"]);
    let elsewhere = command().spawn().unwrap();
    let for_nobody = api.request();

    let mut terminal = Terminal::open();
    let began = Instant::now();
    let child = command().stderr(terminal.end()).spawn().unwrap();
    let for_a_person = api.request();
    terminal.wait_for("waiting for the API");
    assert!(began.elapsed() >= Duration::from_secs(1), "what takes less says nothing");
    answer(for_a_person);
    let Ended { code, out, .. } = ended(child.wait_with_output().unwrap());
    assert_eq!((code, out.as_str()), (0, "fine"), "the result alone is on standard output");

    // It has waited for longer.
    answer(for_nobody);
    assert_eq!(ended(elsewhere.wait_with_output().unwrap()).done(), "fine");
}
