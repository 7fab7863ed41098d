//! A generation of keys that is being made. An RSA key takes a tenth of a second, sometimes several, and so does the
//! first random number of a process: another thread does both, and nobody waits who needs no key.

use std::sync::{Arc, OnceLock};
use std::thread;

use aws_lc_rs::error::Unspecified;

use super::set::{KeySet, Kids};

/// Keys that are there, or will be soon; clones are the same keys.
#[derive(Clone, Default)]
pub(super) struct Generation {
    made: Arc<OnceLock<Result<KeySet, Unspecified>>>,
    /// What they call themselves. Shared with the generation before where that is the same; the first of the two that is
    /// made settles it, so that neither waits for the other.
    kids: Arc<OnceLock<Kids>>,
}

impl Generation {
    /// Begins to make them, under kids of their own.
    pub(super) fn begin() -> Self {
        Self::default().making()
    }

    /// Begins to make others under the kids of these.
    pub(super) fn begin_under_the_same_kids(&self) -> Self {
        Self { made: Arc::default(), kids: Arc::clone(&self.kids) }.making()
    }

    /// Where the system has no thread to spare, whoever needs a key first makes them.
    fn making(self) -> Self {
        let making = self.clone();
        let thread = thread::Builder::new().name("grantline-keys".to_owned());
        let _ = thread.spawn(move || making.wait().map(drop));
        self
    }

    pub(super) fn made(keys: KeySet) -> Self {
        let kids = Arc::new(OnceLock::from(keys.kids().clone()));
        Self { made: Arc::new(OnceLock::from(Ok(keys))), kids }
    }

    pub(super) fn is_made(&self) -> bool {
        self.made.get().is_some()
    }

    /// Blocks the thread until they are made.
    pub(super) fn wait(&self) -> Result<&KeySet, Unspecified> {
        let made = self.made.get_or_init(|| KeySet::generate(&self.kids));
        made.as_ref().map_err(|_| Unspecified)
    }

    /// Keys that are made when `when` returns.
    #[cfg(test)]
    pub(super) fn made_after(when: impl FnOnce() + Send + 'static) -> Self {
        let (generation, (begun, has_begun)) = (Self::default(), std::sync::mpsc::channel());
        let making = generation.clone();
        thread::spawn(move || {
            making.made.get_or_init(|| {
                begun.send(()).unwrap();
                when();
                KeySet::generate(&making.kids)
            });
        });
        has_begun.recv().unwrap();
        generation
    }
}
