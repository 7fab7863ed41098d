//! What a store's server is set to, for whoever has to judge what it will keep.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_channel::oneshot;
use grantline_core::Error;

use super::{Place, Store};
use crate::call::Call;
use crate::runtime;

impl Store {
    /// What the store's server is set to, as far as that decides what survives, by the names that its own documentation has:
    /// for diagnosis.
    ///
    /// Redis: `appendonly`, `appendfsync`, `maxmemory` (bytes, 0 is no limit) and `maxmemory-policy`; without
    /// `appendfsync` where the server does not allow `CONFIG GET`, as managed ones do not. PostgreSQL: `fsync`,
    /// `full_page_writes` and `synchronous_commit`, as they are for this role and database. Empty for all other stores: the
    /// settings of an SQLite file are this crate's own (a write-ahead log, `synchronous=FULL`).
    ///
    /// Errors: whatever keeps the server from being reached or from answering.
    pub fn settings(&self) -> Call<BTreeMap<String, String>> {
        let Place::Elsewhere(store) = &self.0 else { return Call::known(Ok(BTreeMap::new())) };
        let runtime = match runtime::shared() {
            Ok(runtime) => runtime,
            Err(error) => return Call::known(Err(error)),
        };
        let (store, (give, answer)) = (Arc::clone(store), oneshot::channel());
        runtime.spawn(async move {
            // Whoever asked may have gone.
            let _ = give.send(store.settings().await.map_err(Error::Store));
        });
        Call::of(async move { answer.await.unwrap_or(Err(Error::Cancelled)) })
    }
}
