//! A forked child goes on with the client and the handles of its parent, whatever the parent's other threads were at.
//!
//! A test of its own kind: the process forks, so it decides which threads there are.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test, without the usual harness"
)]

#[cfg(unix)]
mod support;

#[cfg(not(unix))]
fn main() {
    println!("this system has no fork");
}

#[cfg(unix)]
fn main() {
    unix::what_a_process_owns_its_child_has_not();
    unix::a_child_begins_without_tokens_and_gets_its_own_through_the_same_handles();
    unix::a_child_is_not_held_up_by_locks_of_threads_that_it_does_not_have();
    unix::a_child_has_locks_of_its_own_on_an_sqlite_file_and_its_parent_keeps_his();
    unix::a_child_shares_sessions_on_a_server_over_connections_of_its_own();
    println!("test result: ok. 5 passed");
}

#[cfg(unix)]
mod unix {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::thread;

    use futures_executor::block_on;
    use grantline::fork::{Owned, watch};
    use grantline::{Client, ServiceApp, Session, Store, TokenSource};
    use grantline_emulator::Mode;
    use grantline_test_servers::{Postgres, Redis};

    use crate::support::{
        BAKERY, LIMIT, NATIVE, SERVICE, SHIPPING, emulator, hold_next_answer, refreshes, registration,
        service_request, session, wait_for_arrivals,
    };

    /// Runs `child` in a forked process, which has 20 seconds, and expects it to come to its end.
    fn in_a_child(child: impl FnOnce()) {
        #[allow(
            unsafe_code,
            reason = "there is no safe fork: the child runs grantline, which is what is tested"
        )]
        let id = unsafe { libc::fork() };
        assert!(id >= 0, "no fork");
        if id == 0 {
            #[allow(unsafe_code, reason = "two system calls without preconditions")]
            unsafe {
                libc::alarm(20);
                // Without the destructors of `main`, whose emulator is the parent's.
                libc::_exit(catch_unwind(AssertUnwindSafe(child)).is_err().into());
            }
        }
        let mut status = 0;
        #[allow(unsafe_code, reason = "a system call that writes to a local variable")]
        let waited = unsafe { libc::waitpid(id, &raw mut status, 0) };
        assert_eq!((waited, status), (id, 0), "the child failed, or hung");
    }

    fn told(name: &str) {
        println!("test {name} ... ok");
    }

    pub fn what_a_process_owns_its_child_has_not() {
        watch().unwrap();
        let mut owned = Owned::new("parent");
        in_a_child(|| {
            assert!(owned.get().is_none() && owned.get_mut().is_none());
            assert_eq!(owned.take(), None);
            assert_eq!(owned.get_or_try_make(|| Ok::<_, ()>("child")), Ok(&"child"));
            in_a_child(|| assert_eq!(owned.get(), None));
            assert_eq!(owned.get_or_try_make(|| Err(())), Ok(&"child"));
            assert_eq!(owned.take(), Some("child"));
        });
        assert_eq!(owned.take(), Some("parent"));
        told("what_a_process_owns_its_child_has_not");
    }

    /// What the child of a process can expect of handles that were made there.
    fn begins_anew(app: &ServiceApp, source: &TokenSource, session: &Session, parents: &str) {
        assert!(source.peek(|_| ()).is_none());
        let own = source.fresh_token().wait().unwrap();
        assert_ne!(own.expose_secret(), parents);
        assert_eq!(source.peek(|token| token.expose_secret() == own.expose_secret()), Some(true));
        assert_eq!(app.token(service_request(BAKERY)).wait().unwrap().expose_secret(), own.expose_secret());
        // The memory of a process is no store for two of them.
        assert_eq!(session.fresh_token().wait().unwrap_err().code(), "session_unknown");
    }

    pub fn a_child_begins_without_tokens_and_gets_its_own_through_the_same_handles() {
        let emulator = emulator(Mode::VismaConnect);
        let client = Client::new().unwrap();
        let app = client.service_app(block_on(registration(&emulator, SERVICE))).unwrap();
        let session = block_on(session(&client, &emulator));
        let source = app.token_source(service_request(BAKERY));
        let parents = source.fresh_token().wait().unwrap();
        hold_next_answer(&emulator, SERVICE);
        let events = client.events();
        let mut under_way = app.token(service_request(SHIPPING));
        wait_for_arrivals(&emulator, SERVICE, 2);
        emulator.clear_replies();

        in_a_child(|| {
            assert_eq!(under_way.wait_for(LIMIT).unwrap().unwrap_err().code(), "cancelled");
            assert_eq!(events.next().wait(), Ok(None));
            let of_the_child = client.events();
            begins_anew(&app, &source, &session, parents.expose_secret());
            assert!(of_the_child.next().wait().unwrap().is_some());
            let childs = source.fresh_token().wait().unwrap();
            in_a_child(|| begins_anew(&app, &source, &session, childs.expose_secret()));
            client.shutdown().wait().unwrap();
            in_a_child(|| {
                assert_eq!(source.fresh_token().wait().unwrap_err().code(), "client_closed");
                client.shutdown().wait().unwrap();
            });
        });

        assert_eq!(source.peek(|token| token.expose_secret() == parents.expose_secret()), Some(true));
        under_way.wait().unwrap();
        session.refresh().wait().unwrap();
        told("a_child_begins_without_tokens_and_gets_its_own_through_the_same_handles");
    }

    pub fn a_child_is_not_held_up_by_locks_of_threads_that_it_does_not_have() {
        let emulator = emulator(Mode::VismaConnect);
        let client = Client::new().unwrap();
        let app = client.service_app(block_on(registration(&emulator, SERVICE))).unwrap();
        let session = block_on(session(&client, &emulator));
        let source = app.token_source(service_request(BAKERY));
        let parents = source.fresh_token().wait().unwrap();
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        drop(app.token(service_request(SHIPPING)));
                        drop(source.refresh());
                    }
                });
            }
            let _done = Done(&done);
            for _ in 0..20 {
                in_a_child(|| begins_anew(&app, &source, &session, parents.expose_secret()));
            }
            // One that uses nothing, and drops all of it.
            let (app, source, session, client) =
                (app.clone(), source.clone(), session.clone(), client.clone());
            in_a_child(move || drop((app, source, session, client)));
        });
        told("a_child_is_not_held_up_by_locks_of_threads_that_it_does_not_have");
    }

    /// Ends the threads that go on until then, also where a test fails: it would wait for them for ever.
    struct Done<'a>(&'a AtomicBool);

    impl Drop for Done<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    /// Whether this process has a lock on a file, as the system knows it. What is read of its list while others change it
    /// may lack some: what is there is seen in one of many readings.
    #[cfg(target_os = "linux")]
    fn has_lock(file: &std::path::Path) -> bool {
        use std::os::unix::fs::MetadataExt as _;

        let end = format!(":{} ", std::fs::metadata(file).unwrap().ino());
        let process = format!(" {} ", std::process::id());
        (0..50).any(|_| {
            let locks = std::fs::read_to_string("/proc/locks").unwrap();
            locks.lines().any(|line| line.contains(&end) && line.contains(&process))
        })
    }

    #[cfg(not(target_os = "linux"))]
    fn has_lock(_: &std::path::Path) -> bool {
        true
    }

    pub fn a_child_has_locks_of_its_own_on_an_sqlite_file_and_its_parent_keeps_his() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sessions.db");
        let emulator = emulator(Mode::VismaConnect);
        let store = Store::sqlite(&path).unwrap();
        let client = Client::builder().store(store).dangerous_plaintext().build().unwrap();
        let session = block_on(session(&client, &emulator));
        let done = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    drop(Store::sqlite(&path).unwrap());
                }
            });
            let _done = Done(&done);
            for _ in 0..10 {
                in_a_child(|| {
                    session.refresh().wait().unwrap();
                    assert!(has_lock(&path), "a child works without locks");
                    client.shutdown().wait().unwrap();
                });
                assert!(has_lock(&path), "a child took its parent's locks");
                session.refresh().wait().unwrap();
            }
        });
        drop((session, client));
        told("a_child_has_locks_of_its_own_on_an_sqlite_file_and_its_parent_keeps_his");
    }

    pub fn a_child_shares_sessions_on_a_server_over_connections_of_its_own() {
        let (redis, postgres) = (Redis::start().unwrap(), Postgres::start().unwrap());
        let at_redis = || redis.command(&["CLIENT", "LIST"]).unwrap().lines().count();
        shares_sessions(Store::redis(redis.url()).unwrap(), &at_redis);
        let query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'grantline'";
        let at_postgres = || postgres.sql("postgres", query).unwrap().parse().unwrap();
        shares_sessions(Store::postgres(postgres.url("postgres")).unwrap(), &at_postgres);
        told("a_child_shares_sessions_on_a_server_over_connections_of_its_own");
    }

    /// `connections`: how many the server has.
    fn shares_sessions(store: Store, connections: &dyn Fn() -> usize) {
        let emulator = emulator(Mode::VismaConnect);
        let client = Client::builder().store(store).dangerous_plaintext().build().unwrap();
        let session = block_on(session(&client, &emulator));
        for _ in 0..3 {
            let before = connections();
            // The parent's connection is in use at the fork.
            let mut under_way = session.refresh();
            in_a_child(|| {
                session.refresh().wait().unwrap();
                assert!(connections() > before, "a child uses its parent's connection");
                in_a_child(|| drop(session.refresh().wait().unwrap()));
                session.refresh().wait().unwrap();
                client.shutdown().wait().unwrap();
            });
            under_way.wait_for(LIMIT).unwrap().unwrap();
            session.refresh().wait().unwrap();
        }
        // Each sent the refresh token that was good then: one that was spent would have ended the session.
        assert!(refreshes(&emulator, NATIVE) >= 3);
    }
}
