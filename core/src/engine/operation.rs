//! What an engine can be asked for, and how a question becomes a flight.

use std::sync::Arc;

use super::table::{FlightId, Table};
use super::{Outcome, Slot};
use crate::error::{Fault, Violation};
use crate::flow::Flow;
use crate::login::{BegunLogin, Binding, Callback, LoginApp, LoginRequest, PendingLogin, ValidatedCallback};
use crate::seed::Seed;
use crate::service::{self, ServiceApp, ServiceTokenRequest};
use crate::session::{self, SessionId, SessionKey, Want};
use crate::time::Now;
use crate::token::{AccessToken, Generation};

/// One operation, as data.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Operation {
    /// A service token. Answered by [`Output::Token`].
    ServiceToken {
        /// The application.
        app: ServiceApp,
        /// Which token.
        request: ServiceTokenRequest,
        /// A token of this generation or an older one will not do.
        newer_than: Option<Generation>,
    },
    /// The start of a login. Answered by [`Output::LoginBegun`].
    BeginLogin {
        /// The application.
        app: LoginApp,
        /// What it asks for.
        request: LoginRequest,
    },
    /// The end of a login. Answered by [`Output::LoggedIn`].
    CompleteLogin {
        /// The application.
        app: LoginApp,
        /// The login that began.
        pending: PendingLogin,
        /// What came back.
        callback: Callback,
        /// What the browser showed of its binding; not looked at for native and single-page applications.
        binding: Binding,
    },
    /// A session's token. Answered by [`Output::Token`].
    SessionToken {
        /// The application.
        app: LoginApp,
        /// Which session.
        session: SessionId,
        /// A token of this generation or an older one will not do.
        newer_than: Option<Generation>,
    },
}

/// What an operation gives.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Output {
    /// A token that is good now.
    Token(Arc<AccessToken>),
    /// A login that began.
    LoginBegun(Box<BegunLogin>),
    /// A login that became a session, which is saved.
    LoggedIn(Box<LoggedIn>),
}

/// A completed login, saved as a session.
#[derive(Clone, Debug)]
pub struct LoggedIn {
    /// The session.
    pub key: SessionKey,
    /// Its first token.
    pub token: Arc<AccessToken>,
    /// What the application gave the login to carry.
    pub app_data: Option<String>,
}

/// Which token: every difference in it is another one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum GrantKey {
    /// A service token.
    Service { issuer: String, client_id: String, request: ServiceTokenRequest },
    /// A session's.
    Session(SessionKey),
}

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
            let key = app.grant_key(&request);
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
