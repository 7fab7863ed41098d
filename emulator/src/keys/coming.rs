//! A generation of keys that is being made. An RSA key takes a tenth of a second, sometimes several, and so does the
//! first random number of a process: another thread does both, and nobody waits who needs no key.

use std::sync::{Arc, OnceLock};
use std::thread;

use aws_lc_rs::error::Unspecified;

use super::set::{KeySet, Kids};

/// Keys that are there, or will be soon; clones are the same keys.
#[derive(Clone)]
pub(super) struct Coming {
    made: Arc<OnceLock<Result<KeySet, Unspecified>>>,
    /// What they call themselves, where that is not their own.
    named: Option<Kids>,
}

impl Coming {
    /// Begins to make them. Where the system has no thread to spare, whoever needs a key first makes them.
    pub(super) fn begin(named: Option<Kids>) -> Self {
        let keys = Self { made: Arc::default(), named };
        let making = keys.clone();
        let thread = thread::Builder::new().name("grantline-keys".to_owned());
        let _ = thread.spawn(move || making.get().map(drop));
        keys
    }

    pub(super) fn made(keys: KeySet) -> Self {
        Self { made: Arc::new(OnceLock::from(Ok(keys))), named: None }
    }

    pub(super) fn are_made(&self) -> bool {
        self.made.get().is_some()
    }

    /// Waits for them.
    pub(super) fn get(&self) -> Result<&KeySet, Unspecified> {
        let made = self.made.get_or_init(|| KeySet::generate(self.named.clone()));
        made.as_ref().map_err(|_| Unspecified)
    }
}
