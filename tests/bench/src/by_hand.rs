//! An engine pumped by hand, filled with tokens.

use grantline::core::{
    Effect, Engine, LoginApp, NativeApp, Operation, Output, Record, RecordOperation, Reply, Seed, ServiceApp,
    StoreReply, StoreRequest, Todo,
};
use grantline::{
    Binding, Error, HttpResponse, Millis, Now, SecretBytes, ServiceTokenRequest, SessionId, UnixMillis,
};

use crate::applications::{self, login_request};
use crate::token_server;

const ISSUER: &str = "https://connect.visma.com";

/// The time in these engines.
pub(crate) const NOW: Now = Now { wall: UnixMillis(1_795_262_400_000), boot: Millis(3_600_000) };

pub(crate) fn native_app() -> Result<LoginApp, Error> {
    Ok(NativeApp::new(applications::native(ISSUER)?)?.into())
}

pub(crate) fn service_app() -> Result<ServiceApp, Error> {
    ServiceApp::new(applications::service(ISSUER)?)
}

/// A generated session id, as far as its form goes.
pub(crate) fn session_id(number: usize) -> Result<SessionId, Error> {
    SessionId::new(format!("{:032x}", scattered(number)))
}

/// A number that has nothing to do with its neighbours' (the finaliser of `SplitMix64`).
pub(crate) fn scattered(number: usize) -> u64 {
    let mut bits = (number as u64).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Has an engine load sessions from a store, as it does after a restart. Their access tokens have so many bytes.
pub(crate) fn load_sessions(
    engine: &Engine,
    app: &LoginApp,
    sessions: impl IntoIterator<Item = SessionId>,
    token_bytes: usize,
) -> Result<(), Error> {
    let record = record_of_a_login(app, token_bytes)?;
    for session in sessions {
        let operation = Operation::SessionToken { app: app.clone(), session, newer_than: None };
        run(engine, operation, |_| Reply::Store(StoreReply::Loaded(record.clone())))?;
    }
    Ok(())
}

/// Has an engine fetch service tokens of so many bytes.
pub(crate) fn fetch_service_tokens(
    engine: &Engine,
    app: &ServiceApp,
    requests: impl IntoIterator<Item = ServiceTokenRequest>,
    token_bytes: usize,
) -> Result<(), Error> {
    for request in requests {
        let operation = Operation::ServiceToken { app: app.clone(), request, newer_than: None };
        run(engine, operation, |_| granted(token_bytes))?;
    }
    Ok(())
}

/// What a login writes to the store.
fn record_of_a_login(app: &LoginApp, token_bytes: usize) -> Result<Record, Error> {
    let engine = Engine::new();
    let begin = Operation::BeginLogin { app: app.clone(), request: login_request()? };
    let Output::LoginBegun(begun) = run(&engine, begin, |_| granted(token_bytes))? else {
        return Err(Error::Internal("a login was to begin"));
    };
    let callback = applications::callback(begun.pending.state(), ISSUER);
    let (pending, binding) = (begun.pending, Binding::DangerousUnbound);
    let mut written = None;
    let complete = Operation::CompleteLogin { app: app.clone(), pending, callback, binding };
    run(&engine, complete, |effect| match effect {
        Effect::Store(StoreRequest::On { operation: RecordOperation::Create { record }, .. }) => {
            written = Some(record);
            Reply::Store(StoreReply::Done)
        }
        _ => granted(token_bytes),
    })?;
    written.ok_or(Error::Internal("a login was to be saved"))
}

fn granted(token_bytes: usize) -> Reply {
    let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    let body = SecretBytes::new(token_server::body(token_bytes).into_bytes());
    Reply::Http(Ok(HttpResponse { status: 200, headers, body }))
}

fn run(
    engine: &Engine,
    operation: Operation,
    mut perform: impl FnMut(Effect) -> Reply,
) -> Result<Output, Error> {
    engine.call(operation, Seed::new([7; 32]), NOW);
    while let Some(todo) = engine.next() {
        if let Todo::Do { id, effect, .. } = todo {
            engine.reply(id, perform(effect), NOW);
        }
    }
    while engine.next_event().is_some() {}
    engine.next_outcome().map_or(Err(Error::Internal("an operation was to end")), |(_, outcome)| outcome)
}
