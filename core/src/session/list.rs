//! The names of an application's sessions.

use super::place::unexpected;
use crate::error::Error;
use crate::flow::Io;
use crate::store::{Collection, Entry, StoreReply, StoreRequest, Which};

/// How many sessions whose holder is gone are looked after at once.
const RESCUED_AT_ONCE: u32 = 1000;

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
    page(io, collection, Which::Abandoned, None, RESCUED_AT_ONCE).await
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
