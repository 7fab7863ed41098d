//! Documents of servers: one fetch for all who want the same, and what was good once serves while there is no better.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::Directory;
use crate::environment::Environment;
use crate::error::Error;
use crate::flow::Io;
use crate::time::Millis;

/// How far apart a document is fetched out of turn: who sends tokens with ever new key names causes no more (RFC 8725
/// section 2.5).
const OUT_OF_TURN: Duration = Duration::from_secs(30);
/// How long an old document serves before its server is tried again.
const SERVES_ON: Duration = Duration::from_secs(60);
/// How often those look who wait for another's fetch.
const LOOKS: Duration = Duration::from_millis(20);
/// Where issuers come from outside there may be very many.
const LIMIT: usize = 1000;

/// Documents by issuer.
pub(super) struct Cache<T>(Mutex<BTreeMap<String, Shelf<T>>>);

struct Shelf<T> {
    document: Option<Arc<T>>,
    good_until: Millis,
    is_being_fetched: bool,
    failed: Option<(Millis, Error)>,
    /// The last fetch out of turn: when it ended, and what went wrong.
    refetched: Option<(Millis, Option<Error>)>,
}

/// Which document will do.
pub(super) enum Need<'a, T> {
    /// Any that is not too old.
    Good,
    /// Any but this one.
    OtherThan(&'a Arc<T>),
}

/// What was fetched, and for how long it is good.
pub(super) struct Fetched<T> {
    pub(super) document: T,
    pub(super) good_for: Duration,
}

enum Look<T> {
    Known(Arc<T>),
    Failed(Error),
    Wait,
    Fetch,
}

/// The document, fetched by the first of all who want it. Who finds it being fetched waits for the outcome.
pub(super) async fn obtain<T>(
    io: &Io,
    cache: fn(&Directory) -> &Cache<T>,
    issuer: &str,
    need: Need<'_, T>,
    fetch: impl AsyncFnOnce() -> Result<Fetched<T>, Error>,
) -> Result<Arc<T>, Error> {
    let (environment, since) = (io.environment(), io.now().boot);
    let shelves = cache(&environment.directory);
    loop {
        match shelves.look(issuer, &need, since, io.now().boot) {
            Look::Known(document) => return Ok(document),
            Look::Failed(error) => return Err(error),
            Look::Wait => io.sleep(LOOKS).await,
            Look::Fetch => break,
        }
    }
    let turn = Turn { environment: &environment, cache, issuer };
    // Whoever gives up meanwhile leaves what was fetched to the others: a fetch that is begun again and again, or that
    // nobody ends, would keep the keys from them.
    let outcome = io.for_others(async {
        let fetched = fetch().await;
        shelves.keep(issuer, &need, fetched, io.now().boot)
    });
    let outcome = outcome.await?;
    drop(turn);
    outcome
}

/// The right to fetch, which ends with its flow, however that ends.
struct Turn<'a, T> {
    environment: &'a Environment,
    cache: fn(&Directory) -> &Cache<T>,
    issuer: &'a str,
}

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        if let Some(shelf) = (self.cache)(&self.environment.directory).lock().get_mut(self.issuer) {
            shelf.is_being_fetched = false;
        }
    }
}

impl<T> Cache<T> {
    /// What was fetched last, however old.
    pub(super) fn known(&self, issuer: &str) -> Option<Arc<T>> {
        self.lock().get(issuer)?.document.clone()
    }

    fn look(&self, issuer: &str, need: &Need<'_, T>, since: Millis, now: Millis) -> Look<T> {
        let mut shelves = self.lock();
        make_room(&mut shelves, issuer);
        let shelf = shelves.entry(issuer.to_owned()).or_default();
        if let Some(document) = shelf.satisfies(need, now) {
            return Look::Known(document);
        }
        if shelf.is_being_fetched {
            return Look::Wait;
        }
        match (need, &shelf.document, &shelf.refetched, &shelf.failed) {
            (Need::OtherThan(_), Some(same), Some((when, outcome)), _) if now < when.plus(OUT_OF_TURN) => {
                outcome.clone().map_or_else(|| Look::Known(Arc::clone(same)), Look::Failed)
            }
            // Of the fetch that was waited for.
            (.., Some((when, error))) if *when > since => Look::Failed(error.clone()),
            _ => {
                shelf.is_being_fetched = true;
                Look::Fetch
            }
        }
    }

    /// Keeps what was fetched. If that failed, what is there serves on, unless just that will not do.
    fn keep(
        &self,
        issuer: &str,
        need: &Need<'_, T>,
        fetched: Result<Fetched<T>, Error>,
        now: Millis,
    ) -> Result<Arc<T>, Error> {
        let mut shelves = self.lock();
        let shelf = shelves.entry(issuer.to_owned()).or_default();
        if matches!(need, Need::OtherThan(_)) {
            shelf.refetched = Some((now, fetched.as_ref().err().cloned()));
        }
        match (fetched, need, &shelf.document) {
            (Ok(Fetched { document, good_for }), ..) => {
                let document = Arc::new(document);
                shelf.document = Some(Arc::clone(&document));
                shelf.good_until = now.plus(good_for);
                shelf.failed = None;
                Ok(document)
            }
            (Err(_), Need::Good, Some(old)) => {
                shelf.good_until = now.plus(SERVES_ON);
                Ok(Arc::clone(old))
            }
            (Err(error), Need::OtherThan(_), Some(_)) => Err(error),
            (Err(error), ..) => {
                shelf.failed = Some((now, error.clone()));
                Err(error)
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Shelf<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Shelf<T> {
    fn satisfies(&self, need: &Need<'_, T>, now: Millis) -> Option<Arc<T>> {
        let document = self.document.as_ref()?;
        let will_do = match need {
            Need::Good => now < self.good_until,
            Need::OtherThan(seen) => !Arc::ptr_eq(document, seen),
        };
        will_do.then(|| Arc::clone(document))
    }
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self { document: None, good_until: Millis(0), is_being_fetched: false, failed: None, refetched: None }
    }
}

/// The one that gets old first gives way.
fn make_room<T>(shelves: &mut BTreeMap<String, Shelf<T>>, issuer: &str) {
    if shelves.len() < LIMIT || shelves.contains_key(issuer) {
        return;
    }
    let idle = shelves.iter().filter(|(_, shelf)| !shelf.is_being_fetched);
    if let Some(oldest) = idle.min_by_key(|(_, shelf)| shelf.good_until).map(|(issuer, _)| issuer.clone()) {
        shelves.remove(&oldest);
    }
}
