//! Service tokens that processes share through the store.
//!
//! They are repeatable: a mark means nothing, the lease only spares requests, and a store that fails costs a request
//! and nothing else.

use std::time::Duration;

use super::{ServiceApp, ServiceTokenRequest, request_token};
use crate::error::Error;
use crate::event::Event;
use crate::flow::Io;
use crate::secret::SecretBytes;
use crate::seed::Draws;
use crate::session::SessionRecord;
use crate::store::{Attempt, End, Record, RecordKey, RecordOperation, StoreReply};
use crate::time::Millis;
use crate::token::{AccessToken, Freshness, Generation};

/// How long another process's request is waited for, and how long apart the store is looked at meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// What a save takes beside the request.
const TIME_TO_SAVE: Duration = Duration::from_secs(5);
/// How long a record is kept beyond its token's end: its generation is what is of use then.
const KEPT_BEYOND: Duration = Duration::from_secs(24 * 3600);
/// What stands for a token that is being fetched for the first time.
const NOTHING_YET: Generation = Generation(0);

/// A token that is kept in the store, or one from the server that is put there.
///
/// `newer_than`: this generation and older ones will not do. `in_hand`: the generation that this process has.
pub(crate) async fn token(
    io: &Io,
    app: &ServiceApp,
    request: &ServiceTokenRequest,
    newer_than: Option<Generation>,
    in_hand: Option<Generation>,
) -> Result<AccessToken, Error> {
    let next = following(in_hand);
    if !io.environment().shares_service_tokens {
        return fetch(io, app, request, next).await;
    }
    let shelf =
        Shelf { io, app, request, key: app.record_key(request), attempt: Attempt(io.draw(Draws::id)) };
    match shelf.look_or_begin(newer_than).await {
        Found::Token(token) => Ok(token),
        // While the store was out of reach this process may have gone further than it.
        Found::Turn(spent) => shelf.fetch(spent, next.max(spent.next()).max(following(newer_than))).await,
        Found::Nothing => {
            let token = fetch(io, app, request, next).await?;
            Ok(AccessToken { saved: false, ..token })
        }
    }
}

async fn fetch(
    io: &Io,
    app: &ServiceApp,
    request: &ServiceTokenRequest,
    generation: Generation,
) -> Result<AccessToken, Error> {
    let token = request_token(io, app.registration(), request, generation).await?;
    if generation > Generation::FIRST {
        io.tell(Event::Refreshed { subject: app.subject(request), generation });
    }
    Ok(token)
}

fn following(generation: Option<Generation>) -> Generation {
    generation.map_or(Generation::FIRST, Generation::next)
}

/// One token's place in the store.
struct Shelf<'a> {
    io: &'a Io,
    app: &'a ServiceApp,
    request: &'a ServiceTokenRequest,
    key: RecordKey,
    attempt: Attempt,
}

enum Found {
    /// It is there and good.
    Token(AccessToken),
    /// It is this process's turn to fetch it, over this generation.
    Turn(Generation),
    /// The store is of no help.
    Nothing,
}

impl Shelf<'_> {
    async fn look_or_begin(&self, newer_than: Option<Generation>) -> Found {
        let give_up_at = self.io.now().boot.plus(PATIENCE);
        let ttl = self.io.http_timeout() + TIME_TO_SAVE;
        loop {
            match self.ask(RecordOperation::Load).await {
                Some(StoreReply::Loaded(record)) => {
                    if let Some(token) = self.good_token(&record, newer_than) {
                        return Found::Token(token);
                    }
                }
                Some(StoreReply::Missing) => {
                    let record = Record::new(NOTHING_YET, SecretBytes::new(Vec::new()));
                    self.ask(RecordOperation::Create { record }).await;
                }
                _ => return Found::Nothing,
            }
            match self.ask(RecordOperation::Begin { attempt: self.attempt, ttl }).await {
                Some(StoreReply::Begun { record, .. }) => return Found::Turn(record.generation),
                Some(StoreReply::Held { remaining }) if self.io.now().boot < give_up_at => {
                    self.wait(remaining, give_up_at).await;
                }
                _ => return Found::Nothing,
            }
        }
    }

    async fn wait(&self, remaining: Duration, give_up_at: Millis) {
        let left = give_up_at.since(self.io.now().boot);
        self.io.sleep(remaining.min(LOOK_AGAIN).min(left)).await;
    }

    /// One that cannot be read (another key, a newer release) counts as none.
    fn good_token(&self, record: &Record, newer_than: Option<Generation>) -> Option<AccessToken> {
        if newer_than.is_some_and(|old| record.generation <= old) {
            return None;
        }
        let now = self.io.now();
        let token = SessionRecord::open(self.io, &self.key, record).ok()?.access_token;
        (token.freshness(now) == Freshness::Fresh).then_some(token)
    }

    async fn fetch(&self, spent: Generation, next: Generation) -> Result<AccessToken, Error> {
        match fetch(self.io, self.app, self.request, next).await {
            Ok(token) => {
                let saved = self.put(spent, &token).await;
                Ok(AccessToken { saved, ..token })
            }
            Err(error) => {
                let (attempt, why) = (self.attempt, End::AttemptSpentNothing);
                self.ask(RecordOperation::End { attempt, spent, why }).await;
                Err(error)
            }
        }
    }

    /// Answers whether the store has it, or a later one.
    async fn put(&self, spent: Generation, token: &AccessToken) -> bool {
        let session = SessionRecord::of_service(token.clone());
        let Ok(mut record) = session.seal(self.io, &self.key) else { return false };
        record.discard_after = token.expires_at().map(|end| end.plus(KEPT_BEYOND));
        let reply = self.ask(RecordOperation::Commit { spent, record }).await;
        matches!(reply, Some(StoreReply::Done | StoreReply::Superseded))
    }

    async fn ask(&self, operation: RecordOperation) -> Option<StoreReply> {
        match self.io.store(self.key.clone(), operation).await {
            Ok(StoreReply::Failed(failure)) => {
                self.io.tell(Event::StoreTrouble { subject: self.app.subject(self.request), failure });
                None
            }
            reply => reply.ok(),
        }
    }
}
