//! How a question becomes a flight: a new one, one that is under way, or none.

use std::sync::Arc;

use super::operation::{Gives, LoggedIn, Operation, Outcome, Output, Purpose, Rescue};
use super::table::{FlightId, Table};
use crate::error::{Error, Violation};
use crate::event::Subject;
use crate::flow::{Flow, Io};
use crate::introspection::introspect;
use crate::login::{self, Judgement, LoginApp, ValidatedCallback};
use crate::logout::{check_logout_notice, logout_redirect};
use crate::seed::{Draws, Seed};
use crate::service::{self, ServiceApp, ServiceTokenRequest};
use crate::session::{self, Landing, SessionId, SessionKey, Unsaved, Want};
use crate::store::Entry;
use crate::time::Now;
use crate::token::{AccessToken, Generation};
use crate::user_info::user_info;

/// How an operation is met.
pub(super) enum Plan {
    /// Nothing has to be done.
    Known(Outcome),
    /// It is being done for somebody else.
    Join(FlightId),
    /// Something is being done that will not do for this caller: plan again when it is over.
    Behind(FlightId, Box<Operation>, Seed),
    /// It has to be done.
    Start(Flow<Landed>),
}

/// What a flight leaves behind.
pub(super) struct Landed {
    pub(super) outcome: Outcome,
    /// A session that the store did not take.
    pub(super) later: Option<Later>,
    /// What is to be done now, for no caller in particular.
    pub(super) background: Vec<(Operation, Seed)>,
}

/// A session that has to be saved later, with what that takes.
pub(super) struct Later {
    unsaved: Unsaved,
    app: LoginApp,
    session: SessionId,
    seed: Seed,
}

impl From<Outcome> for Landed {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, later: None, background: Vec::new() }
    }
}

impl Later {
    pub(super) fn subject(&self) -> Subject {
        Subject::Session(self.app.session_key(self.session.clone()))
    }

    /// The flow that tries to save it, and refreshes it in memory where it has to be.
    pub(super) fn into_flow(self) -> Flow<Landed> {
        session_token(self.app, self.session, None, Some(self.unsaved), self.seed)
    }
}

pub(super) fn plan(
    operation: Operation,
    purpose: &mut Purpose,
    table: &mut Table,
    seed: Seed,
    now: Now,
) -> Plan {
    let flight = purpose.key().and_then(|key| table.flight_of(key));
    match (purpose, flight) {
        (Purpose::Own, _) => plan_own(operation, table, seed, now),
        (Purpose::End { .. }, Some((flight, Gives::End))) => Plan::Join(flight),
        (Purpose::End { .. }, Some((flight, _))) => Plan::Behind(flight, Box::new(operation), seed),
        (Purpose::End { key }, None) => Plan::Start(other_flow(operation, table.take_later(key), seed)),
        (Purpose::Token { key, newer_than }, flight) => {
            let slot = table.slots.slot(key);
            *newer_than = (*newer_than).max(slot.refused());
            if let Some(token) = slot.meets(*newer_than, now) {
                return Plan::Known(Ok(Output::Token(token)));
            }
            match flight {
                Some((flight, Gives::Token(promised))) if promised >= *newer_than => Plan::Join(flight),
                Some((flight, _)) => Plan::Behind(flight, Box::new(operation), seed),
                None => {
                    slot.is_being_replaced(now);
                    let (in_hand, later) = (slot.generation(), table.take_later(key));
                    Plan::Start(token_flow(operation, *newer_than, in_hand, later, seed))
                }
            }
        }
    }
}

fn plan_own(operation: Operation, table: &mut Table, seed: Seed, now: Now) -> Plan {
    let Operation::CompleteLogin { app, pending, callback, binding } = operation else {
        return Plan::Start(other_flow(operation, None, seed));
    };
    let judged = match app.judge_callback(&pending, &callback, &binding, now.wall) {
        Judgement::Foreign(refused) => return Plan::Known(Err(refused)),
        Judgement::Own(_) if !table.use_up(&pending, now) => Err(Violation::CallbackAlreadyUsed.into()),
        Judgement::Own(judged) => judged,
    };
    match judged {
        Err(refused) => Plan::Known(Err(refused)),
        Ok(callback) => Plan::Start(complete_login(app, *callback, seed)),
    }
}

fn token_flow(
    operation: Operation,
    newer_than: Option<Generation>,
    in_hand: Option<Generation>,
    later: Option<Later>,
    seed: Seed,
) -> Flow<Landed> {
    match operation {
        Operation::ServiceToken { app, request, .. } => {
            service_token(app, request, newer_than, in_hand, seed)
        }
        Operation::SessionToken { app, session, .. } => {
            let unsaved = later.map(|later| later.unsaved);
            session_token(app, session, newer_than, unsaved, seed)
        }
        other => other_flow(other, later, seed),
    }
}

fn other_flow(operation: Operation, later: Option<Later>, seed: Seed) -> Flow<Landed> {
    match operation {
        Operation::BeginLogin { app, request } => {
            let begun = app.begin_login(request, seed);
            begun.map(|begun| Ok(Output::LoginBegun(Box::new(begun))).into())
        }
        Operation::BeginStoredLogin { app, request } => Flow::new(seed, async move |io| {
            let stored = login::begin_stored_login(&io, &app, &request).await?;
            Ok(Ok(Output::LoginStored(Box::new(stored))).into())
        }),
        Operation::CompleteStoredLogin { app, callback, binding } => Flow::new(seed, async move |io| {
            let callback = login::take_stored_login(&io, &app, &callback, &binding).await?;
            logged_in(&io, &app, callback).await
        }),
        Operation::SessionIdentity { app, session } => Flow::new(seed, async move |io| {
            let identity = session::identity(&io, &app.session_key(session)).await?;
            Ok(Ok(Output::Identity(identity.map(Box::new))).into())
        }),
        Operation::UserInfo { app, token, subject } => Flow::new(seed, async move |io| {
            let answer = user_info(&io, app.registration(), &token, subject.as_deref()).await?;
            Ok(Ok(Output::UserInfo(Box::new(answer))).into())
        }),
        Operation::Introspect { registration, token } => Flow::new(seed, async move |io| {
            let answer = introspect(&io, &registration, &token).await?;
            Ok(Ok(Output::Introspection(Box::new(answer))).into())
        }),
        Operation::RedirectToLogout { app, id_token, request } => Flow::new(seed, async move |io| {
            let redirect = logout_redirect(&io, &app, id_token.as_ref(), &request).await;
            Ok(Ok(Output::LogoutRedirect(Box::new(redirect))).into())
        }),
        Operation::CheckLogoutNotice { app, form } => Flow::new(seed, async move |io| {
            let notice = check_logout_notice(&io, app.registration(), &form).await?;
            Ok(Ok(Output::LogoutNotice(Box::new(notice))).into())
        }),
        Operation::EndSession { app, session } => {
            let unsaved = later.map(|later| later.unsaved);
            end_session(app, session, unsaved, seed)
        }
        Operation::ListSessions { app, after, limit } => Flow::new(seed, async move |io| {
            let entries = session::list(&io, app.sessions(), after, limit).await?;
            Ok(Ok(Output::Listed(entries)).into())
        }),
        Operation::RescueSessions { app, when } => rescue_sessions(app, when, seed),
        Operation::ServiceToken { .. } | Operation::SessionToken { .. } | Operation::CompleteLogin { .. } => {
            Flow::new(seed, async |_| Err(Error::broken("an operation was planned as another one")))
        }
    }
}

fn service_token(
    app: ServiceApp,
    request: ServiceTokenRequest,
    newer_than: Option<Generation>,
    in_hand: Option<Generation>,
    seed: Seed,
) -> Flow<Landed> {
    Flow::new(seed, async move |io| {
        let token = service::token(&io, &app, &request, newer_than, in_hand).await?;
        Ok(Ok(Output::Token(handed_out(&io, token))).into())
    })
}

fn session_token(
    app: LoginApp,
    session: SessionId,
    newer_than: Option<Generation>,
    unsaved: Option<Unsaved>,
    seed: Seed,
) -> Flow<Landed> {
    let want = newer_than.map_or(Want::Fresh, Want::NewerThan);
    let has_unsaved = unsaved.is_some();
    let flow = Flow::new(seed, async move |io| {
        let key = app.session_key(session);
        let Landing { outcome, unsaved } = session::fresh_token(&io, &app, &key, want, unsaved).await;
        let outcome = outcome.map(|token| Output::Token(handed_out(&io, token)));
        let SessionKey { session, .. } = key;
        let later = unsaved.map(|unsaved| Later { unsaved, app, session, seed: io.draw(Draws::seed) });
        Ok(Landed { outcome, later, background: Vec::new() })
    });
    flow.holding_unsaved(has_unsaved)
}

/// A token for everybody who asks here. Other hosts, and other tokens, have other moments for fetching the next one.
fn handed_out(io: &Io, token: AccessToken) -> Arc<AccessToken> {
    Arc::new(token.with_its_own_moment(io.draw(Draws::jitter)))
}

fn end_session(app: LoginApp, session: SessionId, unsaved: Option<Unsaved>, seed: Seed) -> Flow<Landed> {
    let has_unsaved = unsaved.is_some();
    let flow = Flow::new(seed, async move |io| {
        let key = app.session_key(session);
        let ended = session::end(&io, &app, &key, unsaved.as_ref()).await;
        let outcome = ended.map(|ended| Output::Ended(Box::new(ended)));
        let SessionKey { session, .. } = key;
        // Not ended: then what is known of it is still needed.
        let unsaved = unsaved.filter(|_| outcome.is_err());
        let later = unsaved.map(|unsaved| Later { unsaved, app, session, seed: io.draw(Draws::seed) });
        Ok(Landed { outcome, later, background: Vec::new() })
    });
    flow.holding_unsaved(has_unsaved)
}

fn rescue_sessions(app: LoginApp, when: Rescue, seed: Seed) -> Flow<Landed> {
    Flow::new(seed, async move |io| {
        if when == Rescue::OnceLeasesHaveEnded {
            io.sleep(session::longest_lease(&io)).await;
        }
        let found = session::abandoned(&io, app.sessions()).await?;
        let rescue = |entry: &Entry| {
            let session = SessionId::new(entry.name.as_str()).ok()?;
            let newer_than = Some(entry.generation);
            let operation = Operation::SessionToken { app: app.clone(), session, newer_than };
            Some((operation, io.draw(Draws::seed)))
        };
        let background = found.iter().filter_map(rescue).collect();
        Ok(Landed { outcome: Ok(Output::Listed(found)), later: None, background })
    })
}

fn complete_login(app: LoginApp, callback: ValidatedCallback, seed: Seed) -> Flow<Landed> {
    Flow::new(seed, async move |io| logged_in(&io, &app, callback).await)
}

async fn logged_in(io: &Io, app: &LoginApp, callback: ValidatedCallback) -> Result<Landed, Error> {
    let (key, session, identity) = session::complete_login(io, app, callback).await?;
    let token = handed_out(io, session.access_token);
    let login = LoggedIn { key, token, identity, app_data: session.app_data };
    Ok(Ok(Output::LoggedIn(Box::new(login))).into())
}
