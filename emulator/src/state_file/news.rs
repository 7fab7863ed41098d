//! Whether the state file can be written, and who is told when that changes.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::StateError;

/// What becomes of a state file while its emulator runs. Each is told once, however often the file is tried again.
#[derive(Debug, Clone, Copy)]
pub enum StateNews<'a> {
    /// It cannot be written. It is tried again every second, and what changes until then is in memory only.
    Failed(&'a StateError),
    /// It was written again, with all that changed meanwhile.
    Recovered(&'a Path),
}

/// Who is told.
pub(super) type Listener = Box<dyn Fn(StateNews<'_>) + Send + Sync>;

/// Why the state file has not all that the emulator has, as the pages and `/health` show it.
#[derive(Default)]
pub(crate) struct Unwritten(Mutex<Option<String>>);

impl Unwritten {
    /// `None` while all is well, and where there is no state file.
    pub(crate) fn problem(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes how a write ended: the news, if it is any.
    pub(super) fn note<'a>(
        &self,
        path: &'a Path,
        written: &'a Result<(), StateError>,
    ) -> Option<StateNews<'a>> {
        let mut problem = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *problem, written.as_ref().err().map(ToString::to_string));
        match (before, written) {
            (None, Err(error)) => Some(StateNews::Failed(error)),
            (Some(_), Ok(())) => Some(StateNews::Recovered(path)),
            _ => None,
        }
    }
}
