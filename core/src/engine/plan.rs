//! How a question becomes a flight: a new one, one that is under way, or none.

use std::sync::Arc;

use super::operation::{GrantKey, LoggedIn, Operation, Outcome, Output};
use super::table::{FlightId, Table};
use crate::error::{Error, Violation};
use crate::flow::Flow;
use crate::login::{Judgement, LoginApp, ValidatedCallback};
use crate::seed::Seed;
use crate::service::{self, ServiceApp, ServiceTokenRequest};
use crate::session::{self, SessionKey, Want};
use crate::time::Now;
use crate::token::Generation;

/// How an operation is met.
pub(super) enum Plan {
    /// Nothing has to be done.
    Known(Outcome),
    /// It is being done for somebody else.
    Join(FlightId),
    /// Something is being done that will not do for this caller: plan again when it is over.
    Behind(FlightId, Box<Operation>, Seed),
    /// It has to be done.
    Start(Start),
}

/// A flight to begin.
pub(super) struct Start {
    pub(super) flow: Flow<Output>,
    /// Which token it is for, and the generation that will not do: whoever asks for no more shares it.
    pub(super) shared: Option<(GrantKey, Option<Generation>)>,
}

pub(super) fn plan(operation: Operation, table: &mut Table, seed: Seed, now: Now) -> Plan {
    match operation.wanted_token() {
        Some((key, newer_than)) => plan_token(operation, key, newer_than, table, seed, now),
        None => plan_login(operation, table, seed, now),
    }
}

/// One flight per token: whoever asks for it meanwhile shares its outcome.
fn plan_token(
    operation: Operation,
    key: GrantKey,
    newer_than: Option<Generation>,
    table: &mut Table,
    seed: Seed,
    now: Now,
) -> Plan {
    let slot = table.slot(key.clone());
    if let Some(token) = slot.meets(newer_than, now) {
        return Plan::Known(Ok(Output::Token(token)));
    }
    match table.flight_of(&key) {
        Some((flight, promised)) if promised >= newer_than => Plan::Join(flight),
        Some((flight, _)) => Plan::Behind(flight, Box::new(operation), seed),
        None => match token_flow(operation, slot.generation(), seed) {
            Some(flow) => Plan::Start(Start { flow, shared: Some((key, newer_than)) }),
            None => Plan::Known(Err(Error::broken("a token was planned for an operation that gives none"))),
        },
    }
}

fn token_flow(operation: Operation, in_hand: Option<Generation>, seed: Seed) -> Option<Flow<Output>> {
    match operation {
        Operation::ServiceToken { app, request, .. } => Some(service_token(app, request, in_hand, seed)),
        Operation::SessionToken { app, session, newer_than } => {
            let key = app.session_key(session);
            Some(session_token(app, key, newer_than, seed))
        }
        Operation::BeginLogin { .. } | Operation::CompleteLogin { .. } => None,
    }
}

fn plan_login(operation: Operation, table: &mut Table, seed: Seed, now: Now) -> Plan {
    match operation {
        Operation::BeginLogin { app, request } => {
            let begun = app.begin_login(request, seed);
            Plan::Start(Start { flow: begun.map(|begun| Output::LoginBegun(Box::new(begun))), shared: None })
        }
        Operation::CompleteLogin { app, pending, callback, binding } => {
            let judged = match app.judge_callback(&pending, &callback, &binding, now.wall) {
                Judgement::Foreign(refused) => return Plan::Known(Err(refused)),
                Judgement::Own(_) if !table.use_up(&pending, now) => {
                    Err(Violation::CallbackAlreadyUsed.into())
                }
                Judgement::Own(judged) => judged,
            };
            match judged {
                Err(refused) => Plan::Known(Err(refused)),
                Ok(callback) => {
                    Plan::Start(Start { flow: complete_login(app, *callback, seed), shared: None })
                }
            }
        }
        Operation::ServiceToken { .. } | Operation::SessionToken { .. } => {
            Plan::Known(Err(Error::broken("a login was planned for a token")))
        }
    }
}

fn service_token(
    app: ServiceApp,
    request: ServiceTokenRequest,
    old: Option<Generation>,
    seed: Seed,
) -> Flow<Output> {
    let generation = old.map_or(Generation::FIRST, Generation::next);
    Flow::new(seed, async move |io| {
        let token = service::request_token(&io, app.registration(), &request, generation).await?;
        Ok(Output::Token(Arc::new(token)))
    })
}

fn session_token(app: LoginApp, key: SessionKey, newer_than: Option<Generation>, seed: Seed) -> Flow<Output> {
    let want = newer_than.map_or(Want::Fresh, Want::NewerThan);
    Flow::new(seed, async move |io| {
        let token = session::fresh_token(&io, &app, &key, want).await?;
        Ok(Output::Token(Arc::new(token)))
    })
}

fn complete_login(app: LoginApp, callback: ValidatedCallback, seed: Seed) -> Flow<Output> {
    Flow::new(seed, async move |io| {
        let (key, session) = session::complete_login(&io, &app, callback).await?;
        let token = Arc::new(session.access_token);
        Ok(Output::LoggedIn(Box::new(LoggedIn { key, token, app_data: session.app_data })))
    })
}
