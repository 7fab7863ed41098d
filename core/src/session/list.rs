//! The names of an application's sessions.

use std::time::Duration;

use super::place::unexpected;
use crate::error::Error;
use crate::flow::Io;
use crate::store::{Collection, Entry, StoreFailureKind, StoreReply, StoreRequest, Which};

/// How many sessions whose holder is gone are asked for at once.
const PAGE: u32 = 500;
/// A store that is out of reach, or has to look through very many records, is asked again after so long, so often.
const ASK_AGAIN: Duration = Duration::from_secs(5);
const MOST_TRIES: u32 = 12;

/// One page of the living sessions, in the order of their names' bytes.
pub(crate) async fn list(
    io: &Io,
    collection: &Collection,
    after: Option<String>,
    limit: u32,
) -> Result<Vec<Entry>, Error> {
    page(io, collection, Which::Living, after, limit).await
}

/// The sessions whose refresh was begun by a host that is gone.
pub(crate) async fn abandoned(io: &Io, collection: &Collection) -> Result<Vec<Entry>, Error> {
    let mut found: Vec<Entry> = Vec::new();
    let mut tries = 1;
    loop {
        let after = found.last().map(|entry| entry.name.clone());
        let entries = match page(io, collection, Which::Abandoned, after, PAGE).await {
            Err(Error::Store(failure))
                if failure.kind == StoreFailureKind::Unavailable && tries < MOST_TRIES =>
            {
                tries += 1;
                io.sleep(ASK_AGAIN).await;
                continue;
            }
            listed => listed?,
        };
        let was_the_last = entries.len() < PAGE as usize;
        found.extend(entries);
        if was_the_last {
            return Ok(found);
        }
    }
}

async fn page(
    io: &Io,
    collection: &Collection,
    which: Which,
    after: Option<String>,
    limit: u32,
) -> Result<Vec<Entry>, Error> {
    let request = StoreRequest::List { collection: collection.clone(), which, after, limit };
    match io.ask_store(request).await? {
        StoreReply::Listed(entries) => Ok(entries),
        other => Err(unexpected(other)),
    }
}
