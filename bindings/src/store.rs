//! Where sessions are kept.

mod answers;
mod blobs;
mod shared;
#[cfg(test)]
mod tests;

use grantline::store_contract::Contract;
use grantline::{Error, PostgresOptions, RedisOptions};

pub use answers::{StoreFailureKind, StoreReply, StoredBytes};
pub use blobs::{BlobStore, BlobWork, BlobWorkQueue, blob_store};
pub use shared::{SharedStore, SharedWork, SharedWorkQueue, shared_store};

use crate::error::NativeError;

/// A place for sessions. Clients that are given the same one share it.
#[derive(uniffi::Object)]
pub struct Store {
    place: grantline::Store,
    contract: Box<dyn Fn() -> Contract + Send + Sync>,
}

#[uniffi::export]
impl Store {
    /// Sessions in the memory of the process.
    #[uniffi::constructor]
    pub fn memory() -> Self {
        Self::ours(grantline::Store::memory())
    }

    /// Sessions in an SQLite file. It may wait up to 5 seconds for other processes.
    #[uniffi::constructor]
    pub fn sqlite(path: String) -> Result<Self, NativeError> {
        Ok(Self::ours(grantline::Store::sqlite(path).map_err(Error::Store)?))
    }

    /// Sessions in Redis. `root_certificates`: roots to trust instead of the system's, in PEM.
    #[uniffi::constructor(default(root_certificates = None))]
    pub fn redis(url: String, root_certificates: Option<Vec<u8>>) -> Result<Self, NativeError> {
        let options = RedisOptions::new(url);
        let options = match root_certificates {
            Some(pem) => options.root_certificates(pem),
            None => options,
        };
        Ok(Self::ours(options.open().map_err(Error::Store)?))
    }

    /// Sessions in PostgreSQL. `root_certificates`: roots to trust instead of the system's, in PEM.
    #[uniffi::constructor(default(root_certificates = None))]
    pub fn postgres(url: String, root_certificates: Option<Vec<u8>>) -> Result<Self, NativeError> {
        let options = PostgresOptions::new(url);
        let options = match root_certificates {
            Some(pem) => options.root_certificates(pem),
            None => options,
        };
        Ok(Self::ours(options.open().map_err(Error::Store)?))
    }

    /// Goes through the contract of stores; for one of the application, whose work has to be done meanwhile.
    pub async fn check(&self) -> StoreReport {
        let report = (self.contract)().check().await;
        let broken = report.broken().iter();
        let broken = broken.map(|rule| BrokenRule { rule: rule.rule.to_owned(), how: rule.how.clone() });
        StoreReport { kept: u32::try_from(report.kept()).unwrap_or(u32::MAX), broken: broken.collect() }
    }
}

impl Store {
    fn ours(place: grantline::Store) -> Self {
        let again = place.clone();
        Self::new(place, move || {
            let again = again.clone();
            Contract::one_process(move || again.clone())
        })
    }

    fn new(place: grantline::Store, contract: impl Fn() -> Contract + Send + Sync + 'static) -> Self {
        Self { place, contract: Box::new(contract) }
    }

    pub(crate) fn place(&self) -> grantline::Store {
        self.place.clone()
    }
}

/// What came of a check.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct StoreReport {
    /// How many rules were kept.
    pub kept: u32,
    /// Those that were not.
    pub broken: Vec<BrokenRule>,
}

/// A rule that a store broke.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct BrokenRule {
    /// The rule, as a sentence.
    pub rule: String,
    /// What was expected, and what came.
    pub how: String,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}
