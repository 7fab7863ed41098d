//! The names of an application's sessions.

use super::place::unexpected;
use crate::error::Error;
use crate::flow::Io;
use crate::store::{Collection, Entry, StoreReply, StoreRequest, Which};

/// How many sessions whose holder is gone are asked for at once.
const PAGE: u32 = 500;

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
    loop {
        let after = found.last().map(|entry| entry.name.clone());
        let entries = page(io, collection, Which::Abandoned, after, PAGE).await?;
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
