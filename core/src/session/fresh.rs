//! A fresh token for a session: from the store if another process refreshed it, else from the server.

use std::time::Duration;

use super::key::SessionKey;
use super::lease::{Lease, Turn};
use super::place::{Place, Saved, Unsaved, unexpected};
use super::record::SessionRecord;
use crate::error::{Error, SessionError};
use crate::event::Event;
use crate::flow::Io;
use crate::login::LoginApp;
use crate::registration::Registration;
use crate::seed::Draws;
use crate::store::{Attempt, End, Mark, RecordOperation, StoreFailure, StoreFailureKind, StoreReply};
use crate::time::Now;
use crate::token::{AccessToken, Freshness, Generation};
use crate::token_endpoint;

/// What a lease needs beyond the time limits of two requests: that each is begun late and its end is noticed late, and
/// the save.
const LEEWAY: Duration = Duration::from_secs(10);
/// How long a host that could not save is given to come back, before its refresh token is tried beyond the grace.
const TIME_TO_COME_BACK: Duration = Duration::from_secs(10);
/// How long apart the store is looked at while another holder refreshes.
const LOOK_AGAIN: Duration = Duration::from_millis(500);
const SHORTEST_LOOK: Duration = Duration::from_millis(50);
/// A holder that goes on for longer than so many leases is no holder: the store is at fault.
const LONGEST_WAIT: u32 = 3;
/// How often a lease comes to nothing because others were faster, before the store is taken to be at fault.
const MOST_TURNS: u32 = 8;

/// Which token will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Want {
    /// One that is fresh.
    Fresh,
    /// One of a later generation: this one was refused by an API, or is to be replaced.
    NewerThan(Generation),
}

/// How the search for a token ended.
pub(crate) struct Landing {
    pub(crate) outcome: Result<AccessToken, Error>,
    /// What has to be saved later, and be known to whoever asks for this session's token meanwhile.
    pub(crate) unsaved: Option<Unsaved>,
}

impl Want {
    /// Whether a session has such a token. One that cannot be refreshed is good to its end.
    pub(super) fn is_met_by(self, session: &SessionRecord, now: Now) -> bool {
        let token = &session.access_token;
        let new_enough = match self {
            Self::Fresh => true,
            Self::NewerThan(generation) => token.generation > generation,
        };
        let alive = match token.freshness(now) {
            Freshness::Fresh => true,
            Freshness::RefreshAhead => session.refresh_token.is_none(),
            Freshness::Expired => false,
        };
        new_enough && alive
    }

    /// Whether a token that should be replaced will do all the same: it is still good, and better than none.
    pub(super) fn puts_up_with(self, token: &AccessToken, now: Now) -> bool {
        self == Self::Fresh && token.freshness(now) != Freshness::Expired
    }
}

impl From<Result<Turn, Error>> for Landing {
    fn from(turn: Result<Turn, Error>) -> Self {
        match turn {
            Ok(Turn::Token(token)) => Self { outcome: Ok(token), unsaved: None },
            Ok(Turn::Unsaved(unsaved)) => Self { outcome: Ok(unsaved.token()), unsaved: Some(*unsaved) },
            Ok(Turn::Again) => Error::broken("a search for a token stopped half-way").into(),
            Ok(Turn::TooLate(error)) | Err(error) => error.into(),
        }
    }
}

impl From<Error> for Landing {
    fn from(error: Error) -> Self {
        Self { outcome: Err(error), unsaved: None }
    }
}

/// A token that meets the want.
///
/// `unsaved`: what this process knows of the session and the store does not.
pub(crate) async fn fresh_token(
    io: &Io,
    app: &LoginApp,
    key: &SessionKey,
    want: Want,
    unsaved: Option<Unsaved>,
) -> Landing {
    let place = Place::new(io, key);
    io.limit_http(http_limit(app.registration()));
    let Some(unsaved) = unsaved else {
        return from_store(&place, app, want).await.into();
    };
    match place.commit(&unsaved.session, unsaved.spent).await {
        Ok(Saved::NotNow(failure)) => place.go_on_in_memory(app, want, unsaved, failure).await,
        Ok(Saved::Done) => {
            let generation = unsaved.session.access_token.generation;
            io.tell(Event::SavedLate { subject: place.subject(), generation });
            from_store(&place, app, want).await.into()
        }
        Ok(Saved::Newer(_)) => from_store(&place, app, want).await.into(),
        Ok(Saved::Ended) => {
            place.revoke(app, &unsaved.session).await;
            from_store(&place, app, want).await.into()
        }
        // It could not be written at all: what is known is kept all the same.
        Err(error) => unsaved.failed(error),
    }
}

/// Where the server's grace for a refresh token that was sent twice is known, a lease and one more request fit into it.
fn http_limit(registration: &Registration) -> Duration {
    match registration.refresh_grace {
        Some(grace) => (grace.saturating_sub(LEEWAY) / 3).max(crate::http::SHORTEST_HTTP_TIMEOUT),
        None => Duration::MAX,
    }
}

async fn from_store(place: &Place<'_>, app: &LoginApp, want: Want) -> Result<Turn, Error> {
    let io = place.io;
    let ttl = longest_lease(io);
    let give_up_at = io.now().boot.plus(LONGEST_WAIT * ttl);
    let (mut has_waited, mut has_slept, mut has_failed, mut turns) = (false, false, false, 0);
    loop {
        let (generation, usable) = match look(place, want).await? {
            Looked::Met(token) => return Ok(Turn::Token(token)),
            Looked::Not { generation, usable } => (generation, usable),
        };
        let server = match token_endpoint::prepare(io, app.registration()).await {
            Ok(server) => server,
            // Nothing would be sent, so nobody has to be kept from it.
            Err(unprepared) => {
                let Some(token) = usable else { return Err(unprepared) };
                place.tell_refresh_failed(unprepared);
                return Ok(Turn::Token(token));
            }
        };
        let attempt = Attempt(io.draw(Draws::id));
        // From before the store was asked: its clock began later.
        let until = io.now().boot.plus(ttl);
        match place.ask(RecordOperation::Begin { attempt, ttl }).await? {
            StoreReply::Begun { record, earlier } => {
                let lease = Lease { place, app, server: &server, attempt, until, spent: record.generation };
                if !has_waited && earlier.is_some_and(|mark| is_beyond_grace(app.registration(), mark)) {
                    has_waited = true;
                    place.end(attempt, record.generation, End::AttemptSpentNothing).await;
                    io.sleep(TIME_TO_COME_BACK).await;
                    continue;
                }
                match lease.fresh_token(&record, want, earlier.is_some()).await? {
                    Turn::Again if turns >= MOST_TURNS || io.now().boot >= give_up_at => {
                        return Err(nonsense("what it gives back is not what was written"));
                    }
                    Turn::Again => turns += 1,
                    Turn::TooLate(_) if !has_slept => has_slept = true,
                    turn => return Ok(turn),
                }
            }
            StoreReply::Held { .. } if io.now().boot >= give_up_at => {
                return Err(nonsense("its lease is held without end by another"));
            }
            StoreReply::Held { remaining } => io.sleep(remaining.clamp(SHORTEST_LOOK, LOOK_AGAIN)).await,
            StoreReply::Failed(failure) => {
                let is_back = give_back(place, attempt, generation).await;
                let Some(token) = usable else {
                    // A reply that was lost, or a question that came too late, is no reason to give up.
                    if is_back && !has_failed && failure.kind == StoreFailureKind::Unavailable {
                        has_failed = true;
                        continue;
                    }
                    return Err(Error::Store(failure));
                };
                place.tell_store_trouble(failure);
                return Ok(Turn::Token(token));
            }
            other => return Err(unexpected(other)),
        }
    }
}

/// How long a lease runs at most: two requests with their time limits, and what goes on around them.
pub(crate) fn longest_lease(io: &Io) -> Duration {
    2 * io.http_timeout() + LEEWAY
}

fn nonsense(detail: &str) -> Error {
    Error::Store(StoreFailure::new(StoreFailureKind::Misbehaved, detail))
}

/// A store that failed may have given the lease all the same, and late: on a generation that another host has brought
/// meanwhile. Nobody shall wait for it, or believe that anything was sent. Answers whether the store is there.
async fn give_back(place: &Place<'_>, attempt: Attempt, generation: Generation) -> bool {
    match place.end(attempt, generation, End::AttemptSpentNothing).await {
        Some(StoreReply::Superseded) => {}
        Some(StoreReply::Failed(_)) | None => return false,
        Some(_) => return true,
    }
    if let Ok(StoreReply::Loaded(newer)) = place.ask(RecordOperation::Load).await
        && newer.generation > generation
    {
        place.end(attempt, newer.generation, End::AttemptSpentNothing).await;
    }
    true
}

/// The server takes this refresh token no more if its first request arrived, and may punish the second. Should the host
/// that left the mark be alive, with tokens that the store did not take, it comes back first.
fn is_beyond_grace(registration: &Registration, mark: Mark) -> bool {
    registration.refresh_grace.is_some_and(|grace| mark.age >= grace)
}

enum Looked {
    Met(AccessToken),
    Not {
        generation: Generation,
        /// Its token, where it will do if no other is to be had.
        usable: Option<AccessToken>,
    },
}

/// The stored token, where it will do: nothing is written then.
async fn look(place: &Place<'_>, want: Want) -> Result<Looked, Error> {
    match place.ask(RecordOperation::Load).await? {
        StoreReply::Loaded(record) => {
            let (session, now) = (place.read(&record)?, place.io.now());
            match want.is_met_by(&session, now) {
                true => Ok(Looked::Met(session.access_token)),
                // Nothing is written where nothing can be sent.
                false if session.refresh_token.is_none() => Err(Error::Session(SessionError::NoRefreshToken)),
                false => {
                    let token = session.access_token;
                    let usable = want.puts_up_with(&token, now).then_some(token);
                    Ok(Looked::Not { generation: record.generation, usable })
                }
            }
        }
        other => Err(unexpected(other)),
    }
}
