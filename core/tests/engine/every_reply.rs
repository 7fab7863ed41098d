//! Every state of every operation, and every reply in each: nothing panics, nobody is left waiting, and what does not
//! fit is told to be stale.

use std::time::Duration;

use grantline_core::{
    Attempt, BegunLogin, Binding, CallId, Callback, Effect, EffectId, Generation, HttpFailureKind,
    HttpResponse, Mark, Operation, Outcome, Output, Receipt, Record, Reply, SecretBytes, Sent, StoreFailure,
    StoreFailureKind, StoreReply, Todo,
};
use serde_json::{Value, json};

use crate::clients::{error, key, login_request, record, service_token, session_token, user_tokens, web};
use crate::scenario::{START, Scenario, failure, json_response};

/// A way to a state: how it begins, and what is answered until the state is reached.
struct State {
    name: &'static str,
    begin: Begin,
    replies: Vec<Reply>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Begin {
    Service,
    Login,
    Session,
}

impl Begin {
    fn begin(self) -> (Scenario, CallId) {
        match self {
            Self::Service => service(),
            Self::Login => login(),
            Self::Session => session(),
        }
    }
}

/// The kinds of effect that a state can wait for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Http,
    Store,
    Sleep,
}

fn service() -> (Scenario, CallId) {
    let mut world = Scenario::new();
    let call = world.call(service_token());
    (world, call)
}

fn session() -> (Scenario, CallId) {
    let mut world = Scenario::new();
    world.store.put(&key(&web()), 1, expired().bytes);
    let call = world.call(session_token(&web()));
    (world, call)
}

fn login() -> (Scenario, CallId) {
    let mut world = Scenario::new();
    let begun = begun(&mut world);
    let query = format!("code=c&state={}&iss=https%3A%2F%2Fconnect.visma.com", begun.pending.state());
    let binding = Binding::cookie_value(begun.binding.as_ref().unwrap().expose_value());
    let (pending, callback) = (begun.pending, Callback::query(query));
    let call = world.call(Operation::CompleteLogin { app: web(), pending, callback, binding });
    (world, call)
}

fn begun(world: &mut Scenario) -> BegunLogin {
    let call = world.call(Operation::BeginLogin { app: web(), request: login_request() });
    match world.outcome(call) {
        Some(Ok(Output::LoginBegun(begun))) => *begun,
        other => panic!("{other:?}"),
    }
}

fn expired() -> Record {
    let bytes = record(&json!({"obtained_ms": START.wall.0 - 7_200_000}));
    Record::new(Generation(1), bytes)
}

fn fresh(generation: u64) -> Record {
    Record::new(Generation(generation), record(&json!({})))
}

fn garbage() -> Record {
    Record::new(Generation(9), SecretBytes::new(vec![0xff, 0x00, b'{']))
}

fn http(status: u16, body: &Value) -> Reply {
    Reply::Http(Ok(json_response(status, body)))
}

fn raw(status: u16, content_type: &str, body: Vec<u8>) -> Reply {
    let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
    Reply::Http(Ok(HttpResponse { status, headers, body: SecretBytes::new(body) }))
}

fn lost() -> Reply {
    Reply::Http(Err(failure(HttpFailureKind::ConnectionLost, Sent::Maybe)))
}

/// What is in the store will not do.
fn looked() -> Reply {
    Reply::Store(StoreReply::Loaded(expired()))
}

fn begun_lease(record: Record) -> Reply {
    Reply::Store(StoreReply::Begun { record, earlier: None })
}

/// Every place in which an operation can stand still.
fn states() -> Vec<State> {
    let at = |name, begin, replies| State { name, begin, replies };
    let refreshing = || begun_lease(expired());
    vec![
        at("asking for a service token", Begin::Service, vec![]),
        at("exchanging a code", Begin::Login, vec![]),
        at("saving a login", Begin::Login, vec![http(200, &user_tokens("new"))]),
        at(
            "saving a login again",
            Begin::Login,
            vec![http(200, &user_tokens("new")), Reply::Store(StoreReply::Newer(fresh(5)))],
        ),
        at("looking into the store", Begin::Session, vec![]),
        at("taking the lease", Begin::Session, vec![looked()]),
        at(
            "waiting for the lease",
            Begin::Session,
            vec![looked(), Reply::Store(StoreReply::Held { remaining: Duration::from_secs(1) })],
        ),
        at("giving back a lease that was not needed", Begin::Session, vec![looked(), begun_lease(fresh(1))]),
        at(
            "giving back a lease on a record that cannot be read",
            Begin::Session,
            vec![looked(), begun_lease(garbage())],
        ),
        at("refreshing", Begin::Session, vec![looked(), refreshing()]),
        at("refreshing once more", Begin::Session, vec![looked(), refreshing(), lost()]),
        at("saving a refresh", Begin::Session, vec![looked(), refreshing(), http(200, &user_tokens("new"))]),
        at(
            "looking again after a refusal",
            Begin::Session,
            vec![looked(), refreshing(), http(400, &error("invalid_grant"))],
        ),
        at(
            "ending a session",
            Begin::Session,
            vec![
                looked(),
                refreshing(),
                http(400, &error("invalid_grant")),
                Reply::Store(StoreReply::Loaded(expired())),
            ],
        ),
        at(
            "giving a lease back after a failure",
            Begin::Session,
            vec![looked(), refreshing(), http(400, &error("invalid_client"))],
        ),
    ]
}

fn http_replies() -> Vec<Reply> {
    let mut replies = vec![
        http(200, &user_tokens("given")),
        http(200, &json!({"access_token": "x", "token_type": "Bearer", "expires_in": -1})),
        http(200, &json!({"access_token": "x", "token_type": "Bearer", "expires_in": u64::MAX})),
        http(200, &json!([])),
        http(400, &error("invalid_grant")),
        http(400, &error("invalid_scope")),
        http(400, &error("\u{0}")),
        http(302, &json!({})),
        http(0, &json!({})),
        http(65535, &json!({})),
        raw(200, "application/json", vec![]),
        raw(200, "application/json", vec![0xff; 1024]),
        raw(200, "application/json", b"[".repeat(1024 * 1024)),
        raw(200, "text/html", b"<p>".to_vec()),
        raw(503, "", vec![]),
        raw(500, "\u{0}\u{ff}", b"x".to_vec()),
    ];
    let kinds = [
        HttpFailureKind::Dns,
        HttpFailureKind::Connect,
        HttpFailureKind::Tls,
        HttpFailureKind::TimedOut,
        HttpFailureKind::ConnectionLost,
        HttpFailureKind::BodyTooLarge,
        HttpFailureKind::NotHttp,
        HttpFailureKind::NotPerformed,
    ];
    for kind in kinds {
        replies.extend([Sent::Maybe, Sent::CertainlyNot].map(|sent| Reply::Http(Err(failure(kind, sent)))));
    }
    replies
}

fn store_replies() -> Vec<Reply> {
    let begun = |record, earlier| StoreReply::Begun { record, earlier };
    [
        StoreReply::Done,
        StoreReply::Loaded(fresh(1)),
        StoreReply::Loaded(fresh(u64::MAX)),
        StoreReply::Loaded(garbage()),
        begun(fresh(1), None),
        begun(expired(), Some(Mark::new(Attempt(1), Generation(1), Duration::ZERO))),
        begun(fresh(u64::MAX), None),
        begun(garbage(), None),
        StoreReply::Held { remaining: Duration::ZERO },
        StoreReply::Held { remaining: Duration::MAX },
        StoreReply::Newer(fresh(7)),
        StoreReply::Newer(fresh(u64::MAX)),
        StoreReply::Newer(garbage()),
        StoreReply::Ended { generation: Generation(0) },
        StoreReply::Ended { generation: Generation(u64::MAX) },
        StoreReply::Missing,
        StoreReply::Failed(StoreFailure::new(StoreFailureKind::Unavailable, "as the test has it")),
    ]
    .into_iter()
    .map(Reply::Store)
    .collect()
}

fn all_replies() -> Vec<Reply> {
    let mut replies = vec![Reply::Start, Reply::Slept];
    replies.extend(http_replies());
    replies.extend(store_replies());
    replies
}

fn kind_of(reply: &Reply) -> Option<Kind> {
    match reply {
        Reply::Http(_) => Some(Kind::Http),
        Reply::Store(_) => Some(Kind::Store),
        Reply::Slept => Some(Kind::Sleep),
        _ => None,
    }
}

/// The effect that the one flight waits for. The engine sees to sleeping by itself, and shows no effect for it.
fn waits_for(world: &Scenario) -> Option<(EffectId, Kind)> {
    match world.engine.next() {
        Some(Todo::Do { id, effect: Effect::Http(_), .. }) => Some((id, Kind::Http)),
        Some(Todo::Do { id, effect: Effect::Store(_), .. }) => Some((id, Kind::Store)),
        Some(other) => panic!("one flight has one effect, and this is {other:?}"),
        None => None,
    }
}

impl State {
    /// Walks to the state.
    fn reach(&self) -> (Scenario, CallId, Option<(EffectId, Kind)>) {
        let (world, call) = self.begin.begin();
        let mut waiting = waits_for(&world);
        for reply in &self.replies {
            let (id, _) = waiting.unwrap_or_else(|| panic!("{}: nothing waits", self.name));
            assert_eq!(world.engine.reply(id, reply.clone(), world.now), Receipt::Accepted, "{}", self.name);
            waiting = waits_for(&world);
        }
        (world, call, waiting)
    }
}

/// Lets the world go on, with a server that answers nothing, until the call has its outcome.
fn go_on(world: &mut Scenario, call: CallId) -> Option<Outcome> {
    for _ in 0..50 {
        while world.next().is_some() {}
        if let Some(outcome) = world.outcome(call) {
            return Some(outcome);
        }
        world.pass_until_woken();
    }
    None
}

#[test]
fn every_state_is_one_of_its_own() {
    let mut seen = Vec::new();
    for state in states() {
        let (_, _, waiting) = state.reach();
        seen.push(waiting.map_or(Kind::Sleep, |(_, kind)| kind));
    }
    assert!([Kind::Http, Kind::Store, Kind::Sleep].iter().all(|kind| seen.contains(kind)));
}

#[test]
fn every_reply_in_every_state_is_taken_or_stale_and_every_caller_gets_an_answer() {
    for state in states() {
        for reply in all_replies() {
            let (mut world, call, waiting) = state.reach();
            let told = format!("{}: {reply:?}", state.name);
            if let Some((id, kind)) = waiting {
                let fits = kind_of(&reply) == Some(kind);
                let expected = if fits { Receipt::Accepted } else { Receipt::Stale };
                assert_eq!(world.engine.reply(id, reply.clone(), world.now), expected, "{told}");
                if fits {
                    assert_eq!(world.engine.reply(id, reply, world.now), Receipt::Stale, "{told}, twice");
                }
            }
            let outcome = go_on(&mut world, call).unwrap_or_else(|| panic!("{told}: no outcome"));
            let code = outcome.as_ref().err().map(|error| error.code().into_owned());
            assert_ne!(code.as_deref(), Some("internal"), "{told}");
            assert!(world.engine.is_idle() || world.engine.next().is_none(), "{told}");
        }
    }
}

#[test]
fn a_caller_may_leave_in_every_state() {
    for state in states() {
        let (mut world, call, _) = state.reach();
        world.engine.forget(call);
        world.engine.forget(call);
        for _ in 0..50 {
            while world.next().is_some() {}
            match world.engine.wake_at() {
                Some(_) => world.pass_until_woken(),
                None => break,
            }
        }
        assert!(world.engine.is_idle(), "{}", state.name);
        assert!(world.outcome(call).is_none(), "{}", state.name);
    }
}

#[test]
fn a_caller_may_come_in_every_state_of_its_token_and_gets_the_same_answer() {
    for state in states().into_iter().filter(|state| state.begin == Begin::Session) {
        let (mut world, first, waiting) = state.reach();
        let second = world.call(session_token(&web()));
        assert_eq!(world.engine.next(), None, "{}: one flight is enough", state.name);
        if let Some((id, Kind::Http)) = waiting {
            world.answer(id, 200, &user_tokens("new"));
        }
        let (one, other) = (go_on(&mut world, first), go_on(&mut world, second));
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "{}", state.name);
    }
}
