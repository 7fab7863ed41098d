//! Mutexes that a panic does not spoil.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What it holds is whole at every moment, so whoever panicked with it has broken nothing.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
