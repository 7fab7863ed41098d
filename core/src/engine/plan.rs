//! How a question becomes a flight: a new one, one that is under way, or none.

use std::sync::Arc;

use super::operation::{GrantKey, LoggedIn, Operation, Outcome, Output};
use super::slot::Slot;
use super::table::{FlightId, Table};
use crate::error::{Fault, Violation};
use crate::flow::Flow;
use crate::login::{LoginApp, ValidatedCallback};
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
    /// It has to be done.
    Start { flow: Flow<Output>, key: Option<GrantKey>, outlives_callers: bool },
}

pub(super) fn plan(operation: Operation, table: &mut Table, seed: Seed, now: Now) -> Plan {
    match operation {
        Operation::ServiceToken { app, request, newer_than } => {
            let key = GrantKey::of_service(&app, &request);
            let start = |slot: &Slot| service_token(app, request, slot.generation(), seed);
            shared(table, key, newer_than, now, start)
        }
        Operation::SessionToken { app, session, newer_than } => {
            let key = app.session_key(session);
            let start = |_: &Slot| session_token(app, key.clone(), newer_than, seed);
            shared(table, GrantKey::Session(key.clone()), newer_than, now, start)
        }
        Operation::BeginLogin { app, request } => {
            let begun = app.begin_login(request, seed);
            Plan::Start {
                flow: begun.map(|begun| Output::LoginBegun(Box::new(begun))),
                key: None,
                outlives_callers: false,
            }
        }
        Operation::CompleteLogin { app, pending, callback, binding } => {
            match app.check_callback(&pending, &callback, &binding, now.wall) {
                // Not this login's callback: the true one may still come.
                Err(refused) if refused.fault() != Fault::ServerRefused => Plan::Known(Err(refused)),
                _ if !table.use_up(&pending, now) => Plan::Known(Err(Violation::CallbackAlreadyUsed.into())),
                Err(refused) => Plan::Known(Err(refused)),
                Ok(callback) => complete_login(app, callback, seed),
            }
        }
    }
}

/// One flight per token: whoever asks for it meanwhile shares its outcome.
fn shared(
    table: &mut Table,
    key: GrantKey,
    newer_than: Option<Generation>,
    now: Now,
    start: impl FnOnce(&Slot) -> Flow<Output>,
) -> Plan {
    let slot = table.slot(key.clone());
    if let Some(token) = slot.meets(newer_than, now) {
        return Plan::Known(Ok(Output::Token(token)));
    }
    match table.flight_of(&key) {
        Some(flight) => Plan::Join(flight),
        None => Plan::Start { flow: start(&slot), key: Some(key), outlives_callers: true },
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

fn complete_login(app: LoginApp, callback: ValidatedCallback, seed: Seed) -> Plan {
    let flow = Flow::new(seed, async move |io| {
        let (key, session) = session::complete_login(&io, &app, callback).await?;
        let token = Arc::new(session.access_token);
        Ok(Output::LoggedIn(Box::new(LoggedIn { key, token, app_data: session.app_data })))
    });
    Plan::Start { flow, key: None, outlives_callers: false }
}
