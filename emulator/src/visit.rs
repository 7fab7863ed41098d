//! One request's view of the emulator.

use std::convert::Infallible;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Serialize;
use serde_json::json;

use crate::app_state::{AppState, Shared};
use crate::config::Config;
use crate::faults::{self, FaultKind};
use crate::journal::Check;
use crate::keys::KeyRing;
use crate::refusal::Refusal;

/// What a handler works with, and where it writes down what it finds. Clones write to the same list.
#[derive(Clone)]
pub(crate) struct Visit {
    pub(crate) app: Shared,
    /// As it was when the request arrived; a change is for the next one.
    pub(crate) config: Arc<Config>,
    /// Likewise.
    pub(crate) keys: Arc<KeyRing>,
    findings: Arc<Mutex<Findings>>,
}

/// What was found out about a request, for the journal.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) checks: Vec<Check>,
    pub(crate) error_id: Option<String>,
    /// What the answer says, where it is neither JSON nor a redirect.
    pub(crate) answered: Vec<(String, String)>,
}

impl Visit {
    pub(crate) fn begin(app: &Shared, keys: Arc<KeyRing>) -> Self {
        Self { app: Arc::clone(app), config: app.config(), keys, findings: Arc::default() }
    }

    pub(crate) fn passed(&self, check: &'static str, words: impl Into<String>) {
        self.note(check, true, words.into());
    }

    pub(crate) fn failed(&self, check: &'static str, words: impl Into<String>) {
        self.note(check, false, words.into());
    }

    pub(crate) fn refused(&self, refusal: &Refusal) {
        self.failed(refusal.check, refusal.words());
    }

    /// Takes one use of a fault of this sort, which spoils what is issued, and writes it down: the answer looks like a
    /// good one.
    pub(crate) fn take_fault<T: Serialize>(
        &self,
        sort: &str,
        path: Option<&str>,
        client_id: Option<&str>,
        select: impl Fn(&FaultKind) -> Option<T>,
    ) -> Option<T> {
        let fault = self.faults.take(path, client_id, select)?;
        self.failed(faults::CHECK, format!("the prepared fault {} is in the answer", json!({sort: fault})));
        Some(fault)
    }

    pub(crate) fn gave_error_id(&self, id: &str) {
        self.findings().error_id = Some(id.to_owned());
    }

    pub(crate) fn answered(&self, params: &[(&str, &str)]) {
        let owned = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.findings().answered = owned.collect();
    }

    /// What the answer says, if that was written down.
    pub(crate) fn take_answered(&self) -> Vec<(String, String)> {
        std::mem::take(&mut self.findings().answered)
    }

    /// All that was written down; nothing is left.
    pub(crate) fn take_findings(&self) -> Findings {
        std::mem::take(&mut self.findings())
    }

    pub(crate) fn is_visma(&self) -> bool {
        self.config.is_visma()
    }

    fn note(&self, name: &'static str, passed: bool, words: String) {
        self.findings().checks.push(Check { name, passed, words });
    }

    fn findings(&self) -> MutexGuard<'_, Findings> {
        self.findings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Deref for Visit {
    type Target = AppState;

    fn deref(&self) -> &AppState {
        &self.app
    }
}

/// The one that the observing middleware began.
impl FromRequestParts<Shared> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Infallible> {
        match parts.extensions.get::<Self>() {
            Some(begun) => Ok(begun.clone()),
            None => Ok(Self::begin(app, app.keys.made().await)),
        }
    }
}
