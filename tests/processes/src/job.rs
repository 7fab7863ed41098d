//! What a worker is told, and what it says: JSON, a line each.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use grantline::core::{SealingKey, SealingKeys};
use grantline::{Client, ClientSecret, Error, Provider, Registration, Session, SessionId, WebApp};
use serde::{Deserialize, Serialize};

/// Whose sessions, and where.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) issuer: String,
    pub(crate) place: Place,
    pub(crate) http_timeout_s: u64,
    pub(crate) threads: usize,
    pub(crate) sessions: Vec<SessionName>,
}

/// A store that processes share.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    Sqlite(PathBuf),
    Redis(String),
    Postgresql(String),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct SessionName {
    pub(crate) client_id: String,
    pub(crate) id: String,
}

/// What the callers of one worker got, and how often.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) sessions: Vec<Outcomes>,
    /// For each code of an error, what the first such error said.
    pub(crate) messages: BTreeMap<String, String>,
    /// What the slowest caller waited, in milliseconds.
    pub(crate) slowest_ms: u64,
    /// Whether the end of its client gave something up that was not saved in time.
    pub(crate) gave_up: bool,
}

/// What the callers of one session got.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Outcomes {
    /// Tokens that were good, by their generation.
    pub(crate) tokens: BTreeMap<u64, usize>,
    /// Errors, by their code.
    pub(crate) errors: BTreeMap<String, usize>,
}

/// All web applications of the harness have this secret.
pub(crate) const SECRET: &str = "processes-secret";
pub(crate) const REDIRECT_URI: &str = "https://app.example/callback";

impl Job {
    /// A client on the job's store.
    pub(crate) fn client(&self) -> Result<Client, Error> {
        Client::builder()
            .no_proxy()
            .http_timeout(Duration::from_secs(self.http_timeout_s))
            .store(self.place.open()?)
            .sealing_keys(SealingKeys::new(SealingKey::from_bytes([7; 32])))
            .build()
    }

    pub(crate) fn app(&self, client: &Client, client_id: &str) -> Result<WebApp, Error> {
        let registration = Registration::new(Provider::visma_connect_at(&self.issuer)?, client_id)
            .client_secret(ClientSecret::new(SECRET))
            .redirect_uri(REDIRECT_URI);
        client.web_app(registration)
    }

    /// A new client, and handles on all sessions.
    pub(crate) fn open(&self) -> Result<(Client, Vec<Session>), Error> {
        let client = self.client()?;
        let open = |name: &SessionName| Ok(self.app(&client, &name.client_id)?.session(name.id()?));
        let sessions = self.sessions.iter().map(open).collect::<Result<_, Error>>()?;
        Ok((client, sessions))
    }
}

impl SessionName {
    pub(crate) fn id(&self) -> Result<SessionId, Error> {
        SessionId::new(self.id.as_str())
    }
}

impl Outcomes {
    pub(crate) fn count(&self) -> usize {
        self.tokens.values().chain(self.errors.values()).sum()
    }

    /// Adds what others got.
    pub(crate) fn join(&mut self, others: &Self) {
        for (generation, count) in &others.tokens {
            *self.tokens.entry(*generation).or_default() += count;
        }
        for (code, count) in &others.errors {
            *self.errors.entry(code.clone()).or_default() += count;
        }
    }
}
