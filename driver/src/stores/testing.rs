//! What the tests of stores on servers have in common: one operation after the other, on names of their own; and a
//! network that loses a reply.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;

use grantline_core::{
    Attempt, Collection, End, Entry, Generation, Record, RecordKey, RecordKind, RecordOperation, SecretBytes,
    StoreFailure, StoreFailureKind, StoreReply, StoreRequest, UnixMillis, Which,
};
use std::time::Duration;

use super::Store;
use crate::runtime;

/// One record of a store.
pub(super) struct Asked {
    pub(super) store: Store,
    pub(super) key: RecordKey,
}

impl Asked {
    /// `test`: its name, which no other test on the same server has.
    pub(super) fn new(store: Store, test: &str) -> Self {
        let collection = Collection::new(RecordKind::Session, "https://issuer.example", test);
        Self { store, key: RecordKey { collection, name: "session".to_owned() } }
    }

    pub(super) fn named(&self, name: &str) -> Self {
        let key = RecordKey { collection: self.key.collection.clone(), name: name.to_owned() };
        Self { store: self.store.clone(), key }
    }

    pub(super) fn on(&self, operation: RecordOperation) -> StoreReply {
        ask(&self.store, StoreRequest::On { key: self.key.clone(), operation })
    }

    pub(super) fn load(&self) -> StoreReply {
        self.on(RecordOperation::Load)
    }

    pub(super) fn create(&self, generation: u64) -> StoreReply {
        self.on(RecordOperation::Create { record: record(generation) })
    }

    pub(super) fn begin(&self, attempt: u128) -> StoreReply {
        self.on(RecordOperation::Begin { attempt: Attempt(attempt), ttl: Duration::from_secs(60) })
    }

    pub(super) fn commit(&self, spent: u64) -> StoreReply {
        self.on(RecordOperation::Commit { spent: Generation(spent), record: record(spent + 1) })
    }

    pub(super) fn end(&self, attempt: u128, spent: u64, why: End) -> StoreReply {
        self.on(RecordOperation::End { attempt: Attempt(attempt), spent: Generation(spent), why })
    }

    pub(super) fn list(&self) -> Vec<Entry> {
        self.listed(Which::Living)
    }

    pub(super) fn listed(&self, which: Which) -> Vec<Entry> {
        let collection = self.key.collection.clone();
        match ask(&self.store, StoreRequest::List { collection, which, after: None, limit: 10 }) {
            StoreReply::Listed(entries) => entries,
            other => panic!("a list was answered by {other:?}"),
        }
    }

    /// Every operation that reads the record first.
    pub(super) fn all_but_delete(&self) -> Vec<StoreReply> {
        let close = self.on(RecordOperation::Close);
        let end = self.end(1, 1, End::AnswerLost);
        vec![self.load(), self.create(9), self.begin(1), self.commit(1), end, close]
    }
}

fn ask(store: &Store, request: StoreRequest) -> StoreReply {
    let (sender, receiver) = mpsc::channel();
    let give = move |reply| sender.send(reply).unwrap();
    match store.perform(request, &runtime::shared().unwrap(), give) {
        Some(reply) => reply,
        None => receiver.recv().unwrap(),
    }
}

pub(super) fn record(generation: u64) -> Record {
    Record::new(Generation(generation), SecretBytes::new(format!("record {generation}").into_bytes()))
}

pub(super) fn loaded(generation: u64) -> StoreReply {
    StoreReply::Loaded(record(generation))
}

/// The failure that it has to be.
#[track_caller]
pub(super) fn failed(kind: StoreFailureKind, reply: StoreReply) -> StoreFailure {
    match reply {
        StoreReply::Failed(failure) if failure.kind == kind => failure,
        other => panic!("expected {kind:?}, got {other:?}"),
    }
}

/// A certificate for `localhost` and its key.
pub(super) fn certificate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

/// What stands between a store and its server, and can lose a reply.
pub(super) struct Network {
    port: u16,
    /// How many replies until the one that is lost; 0: none is.
    until_lost: Arc<AtomicUsize>,
}

impl Network {
    /// Before the server at that port. It lives as long as the test program.
    pub(super) fn before(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let until_lost = Arc::new(AtomicUsize::new(0));
        let lost = Arc::clone(&until_lost);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) =
                    (client.unwrap(), TcpStream::connect((Ipv4Addr::LOCALHOST, server)).unwrap());
                let (requests, answers) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                let lost = Arc::clone(&lost);
                thread::spawn(move || pass_on(requests, server, || false));
                thread::spawn(move || pass_on(answers, client, || is_lost(&lost)));
            }
        });
        Self { port, until_lost }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// Of the next things that the server says that one is lost, with its connection; the first is 1.
    pub(super) fn lose_reply(&self, number: usize) {
        self.until_lost.store(number, Ordering::Relaxed);
    }
}

fn is_lost(until_lost: &AtomicUsize) -> bool {
    let counted = until_lost.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
    counted == Ok(1)
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, loses: impl Fn() -> bool) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        if loses() || to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    for stream in [from, to] {
        // Its other side may be gone already.
        let _ = stream.shutdown(Shutdown::Both);
    }
}

/// What was lost is not asked for again where the second answer would tell something else. `replies`: how many things
/// the server says to an operation that writes.
#[track_caller]
pub(super) fn begins_and_ends_once(asked: &Asked, network: &Network, replies: usize) {
    // So that the server knows every script, and the store its server.
    let other = asked.named("other");
    other.create(1);
    other.begin(1);
    other.end(1, 1, End::RefusedByServer);
    other.on(RecordOperation::Close);

    assert_eq!(asked.create(1), StoreReply::Done);
    network.lose_reply(replies);
    failed(StoreFailureKind::Unavailable, asked.begin(1));
    // What core does then: the lease was given, and comes back at once.
    assert_eq!(asked.end(1, 1, End::AttemptSpentNothing), StoreReply::Done);
    assert_eq!(asked.begin(2), StoreReply::Begun { record: record(1), earlier: None });
    network.lose_reply(replies);
    failed(StoreFailureKind::Unavailable, asked.end(2, 1, End::RefusedByServer));
    assert_eq!(asked.load(), StoreReply::Ended { generation: Generation(1) });
    assert_eq!(asked.create(2), StoreReply::Done);
    network.lose_reply(replies);
    failed(StoreFailureKind::Unavailable, asked.on(RecordOperation::Close));
    let ended = StoreReply::Ended { generation: Generation(2 + (1 << 32)) };
    assert_eq!(asked.load(), ended);
    network.lose_reply(1);
    assert_eq!(asked.load(), ended, "a load is not asked again");
}

/// What the frozen records of the first release say, of the registration `client`.
#[track_caller]
pub(super) fn reads_the_first_release(store: Store) {
    let asked = Asked::new(store, "client");
    let kept = Record { discard_after: Some(UnixMillis(4_102_444_800_000)), ..record(3) };
    assert_eq!(asked.named("living").load(), StoreReply::Loaded(kept));
    assert_eq!(asked.named("ended").load(), StoreReply::Ended { generation: Generation(u64::MAX) });
    let names = |which| asked.listed(which).into_iter().map(|entry| entry.name).collect::<Vec<_>>();
    assert_eq!(names(Which::Living), ["held", "living", "marked"]);
    assert_eq!(names(Which::Abandoned), ["marked"]);
    assert!(matches!(asked.named("held").begin(1), StoreReply::Held { .. }));
    let StoreReply::Begun { record, earlier: Some(mark) } = asked.named("marked").begin(1) else {
        panic!("its lease has ended, and its mark is there")
    };
    assert_eq!((record, mark.attempt), (self::record(1), Attempt(0x0102_0304)));
    // By the server's clock it was set as 2020 began.
    let set = crate::clock::now().wall.0 - u64::try_from(mark.age.as_millis()).unwrap();
    assert!(set.abs_diff(1_577_836_800_000) < 60_000, "{set}");
    assert_eq!(asked.named("held").end(u128::MAX, 1, End::AttemptSpentNothing), StoreReply::Done);
    assert_eq!(asked.named("marked").commit(1), StoreReply::Done);
    assert_eq!(names(Which::Abandoned), Vec::<String>::new());
}
