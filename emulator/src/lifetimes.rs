//! Lifetimes of access tokens that a test chose while the emulator runs.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::config::Application;

/// By `client_id`, in seconds.
#[derive(Default)]
pub(crate) struct Lifetimes(Mutex<HashMap<String, u64>>);

impl Lifetimes {
    pub(crate) fn set(&self, client_id: &str, seconds: u64) {
        self.lock().insert(client_id.to_owned(), seconds);
    }

    /// What a test chose, or else what is configured.
    pub(crate) fn access_token_s(&self, application: &Application) -> u64 {
        self.lock().get(&application.client_id).copied().unwrap_or(application.access_token_s)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, u64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
