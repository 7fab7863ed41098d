//! A test's world: an engine, a clock that moves when told, a store, and a server played by the test.

use std::sync::Arc;
use std::time::Duration;

use grantline_core::{
    AccessToken, CallId, Effect, EffectId, Engine, HttpFailure, HttpFailureKind, HttpReply, HttpRequest,
    HttpResponse, Millis, Now, Operation, Outcome, Output, Receipt, Reply, SecretBytes, Seed, Sent,
    StoreFailure, StoreFailureKind, StoreReply, Todo, UnixMillis,
};
use serde_json::Value;

use crate::server;
use crate::store::Store;

/// 2026-11-21T12:00:00Z, an hour after the machine's start.
pub const START: Now = Now { wall: UnixMillis(1_795_262_400_000), boot: Millis(3_600_000) };

pub struct Scenario {
    pub engine: Engine,
    pub store: Store,
    pub now: Now,
    seeds: u8,
    outcomes: Vec<(CallId, Outcome)>,
    /// Whether the server's documents are fetched on the way, as the store's part is done; else the test answers.
    pub serves_documents: bool,
    /// Effects that the engine gave up.
    pub cancelled: Vec<EffectId>,
}

impl Scenario {
    pub fn new() -> Self {
        let (engine, store) = (Engine::new(), Store::default());
        Self {
            engine,
            store,
            now: START,
            seeds: 0,
            outcomes: Vec::new(),
            serves_documents: true,
            cancelled: Vec::new(),
        }
    }

    pub fn call(&mut self, operation: Operation) -> CallId {
        self.seeds = self.seeds.wrapping_add(1);
        self.engine.call(operation, Seed::new([self.seeds; 32]), self.now)
    }

    /// What is to be done next but for the store's part and the server's documents, which come on the way.
    pub fn next(&mut self) -> Option<(EffectId, Effect)> {
        loop {
            match self.engine.next()? {
                // The contract of a pump: what is decided too long ago is not performed any more.
                Todo::Do { id, effect, deadline } if deadline <= self.now.boot => {
                    self.engine.reply(id, effect.declined("it is too late"), self.now);
                }
                Todo::Do { id, effect: Effect::Store(request), .. } => {
                    let reply = self.store.perform(request, self.now.boot);
                    assert_eq!(self.engine.reply(id, Reply::Store(reply), self.now), Receipt::Accepted);
                }
                Todo::Do { id, effect: Effect::Http(request), .. } => match server::document(&request) {
                    Some(document) if self.serves_documents => self.reply(id, Ok(document)),
                    _ => return Some((id, Effect::Http(request))),
                },
                Todo::Do { id, effect, .. } => return Some((id, effect)),
                Todo::Cancel(id) => self.cancelled.push(id),
            }
        }
    }

    /// The HTTP request that is to be sent now.
    pub fn request(&mut self) -> (EffectId, HttpRequest) {
        match self.next() {
            Some((id, Effect::Http(request))) => (id, request),
            other => panic!("expected an HTTP request, got {other:?}"),
        }
    }

    /// The store fails in the next thing that is asked of it.
    pub fn store_fails(&mut self) {
        let Some(Todo::Do { id, effect: Effect::Store(_), .. }) = self.engine.next() else {
            panic!("nothing is asked of the store");
        };
        let failed =
            Reply::Store(StoreReply::Failed(StoreFailure::new(StoreFailureKind::Full, "the disk is full")));
        assert_eq!(self.engine.reply(id, failed, self.now), Receipt::Accepted);
    }

    /// The store fails as often as a save is tried while a caller waits.
    pub fn store_never_takes_it(&mut self) {
        self.store_fails();
        for _ in 0..2 {
            self.pass(Duration::from_millis(500));
            self.store_fails();
        }
    }

    /// The store does its part of the next thing alone.
    pub fn store_performs(&mut self) {
        let Some(Todo::Do { id, effect: Effect::Store(request), .. }) = self.engine.next() else {
            panic!("nothing is asked of the store");
        };
        let reply = self.store.perform(request, self.now.boot);
        assert_eq!(self.engine.reply(id, Reply::Store(reply), self.now), Receipt::Accepted);
    }

    /// Asserts that nothing is left to be done.
    pub fn nothing_to_do(&mut self) {
        assert_eq!(self.next(), None);
    }

    pub fn reply(&mut self, id: EffectId, reply: HttpReply) {
        assert_eq!(self.engine.reply(id, Reply::Http(reply), self.now), Receipt::Accepted);
    }

    /// The server answers with JSON.
    pub fn answer(&mut self, id: EffectId, status: u16, body: &Value) {
        self.reply(id, Ok(json_response(status, body)));
    }

    /// The whole round of one token request: the server answers it with success.
    pub fn grant(&mut self, body: &Value) -> HttpRequest {
        let (id, request) = self.request();
        self.answer(id, 200, body);
        request
    }

    /// The request may have arrived, and its answer is lost.
    pub fn lose_answer(&mut self, id: EffectId) {
        self.reply(id, Err(failure(HttpFailureKind::ConnectionLost, Sent::Maybe)));
    }

    /// The request never left.
    pub fn refuse_connection(&mut self, id: EffectId) {
        self.reply(id, Err(failure(HttpFailureKind::Connect, Sent::CertainlyNot)));
    }

    /// What a call came to, if it came to its end.
    pub fn outcome(&mut self, call: CallId) -> Option<Outcome> {
        while let Some(outcome) = self.engine.next_outcome() {
            self.outcomes.push(outcome);
        }
        let place = self.outcomes.iter().position(|(waiting, _)| *waiting == call)?;
        Some(self.outcomes.remove(place).1)
    }

    /// Does the store's part of what is left, and gives the call's access token.
    pub fn token(&mut self, call: CallId) -> String {
        self.access_token(call).expose_secret().to_owned()
    }

    /// The same with what is known of it.
    pub fn access_token(&mut self, call: CallId) -> Arc<AccessToken> {
        self.nothing_to_do();
        match self.outcome(call) {
            Some(Ok(Output::Token(token))) => token,
            other => panic!("expected a token, got {other:?}"),
        }
    }

    /// Does the store's part of what is left, and gives the code of the call's error.
    pub fn error(&mut self, call: CallId) -> String {
        self.nothing_to_do();
        match self.outcome(call) {
            Some(Err(error)) => error.code().into_owned(),
            other => panic!("expected an error, got {other:?}"),
        }
    }

    /// Lets time pass on both clocks.
    pub fn pass(&mut self, duration: Duration) {
        self.now = Now { wall: self.now.wall.plus(duration), boot: self.now.boot.plus(duration) };
        self.engine.advance(self.now);
    }

    /// Lets time pass until the engine no longer waits for a request: its time, and the one prolongation of it.
    pub fn pass_until_overdue(&mut self) {
        self.pass_until_woken();
        self.pass_until_woken();
    }

    /// Lets time pass until the engine wants to be woken.
    pub fn pass_until_woken(&mut self) {
        let due = self.engine.wake_at().expect("a timer runs");
        self.pass(due.since(self.now.boot));
    }
}

pub fn json_response(status: u16, body: &Value) -> HttpResponse {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    HttpResponse { status, headers, body: SecretBytes::new(body.to_string().into_bytes()) }
}

pub fn failure(kind: HttpFailureKind, sent: Sent) -> HttpFailure {
    HttpFailure { kind, sent, detail: "as the test has it".to_owned() }
}
