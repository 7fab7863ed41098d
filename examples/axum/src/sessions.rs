//! The application's own sessions: which browser has which grant, and whose it is, so that the provider can end it.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantline::{IdTokenClaims, LoggedIn, LogoutNotice, SessionId};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::failure::Failure;

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS sessions (
        cookie_hash BLOB PRIMARY KEY,
        grant_id TEXT NOT NULL,
        user_name TEXT NOT NULL,
        subject TEXT,
        provider_session TEXT,
        ends_at INTEGER NOT NULL
    );";

/// As long as the provider's own session at most, in seconds.
const LIFETIME: i64 = 10 * 3600;

/// Whose a browser's session is.
pub(crate) struct WebSession {
    pub(crate) grant: SessionId,
    pub(crate) user_name: String,
}

/// A table that all processes share. Its statements take microseconds, so they have no threads of their own.
pub(crate) struct WebSessions(Mutex<Connection>);

impl WebSessions {
    pub(crate) fn open(path: &Path) -> rusqlite::Result<Self> {
        let database = Connection::open(path)?;
        database.execute_batch(SCHEMA)?;
        Ok(Self(Mutex::new(database)))
    }

    /// Begins a session: the value of its cookie. It is a new one after every login, so a cookie that somebody planted in
    /// the browser beforehand opens nothing. The table has its hash: whoever reads the table has nobody's cookie.
    pub(crate) fn begin(&self, done: &LoggedIn, user_name: &str) -> Result<String, Failure> {
        let mut random = [0; 32];
        rand::fill(&mut random).map_err(|_| Failure::Entropy)?;
        let cookie = URL_SAFE_NO_PAD.encode(random);
        let identity = done.identity.as_ref();
        let subject = identity.map(IdTokenClaims::subject);
        let session = identity.and_then(IdTokenClaims::session_id);
        let grant = done.session.id().as_str();
        let row = params![hash(&cookie), grant, user_name, subject, session, now() + LIFETIME];
        self.with(|database| {
            database.execute("DELETE FROM sessions WHERE ends_at < ?", [now()])?;
            database.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)", row)
        })?;
        Ok(cookie)
    }

    /// This browser's session.
    pub(crate) fn find(&self, cookie: &str) -> Result<Option<WebSession>, Failure> {
        let query = "SELECT grant_id, user_name FROM sessions WHERE cookie_hash = ? AND ends_at >= ?";
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let found =
            self.with(|database| database.query_row(query, params![hash(cookie), now()], read).optional())?;
        let session = |(grant, user_name): (String, String)| {
            Ok(WebSession { grant: SessionId::new(grant)?, user_name })
        };
        found.map(session).transpose()
    }

    /// Ends this browser's session.
    pub(crate) fn end(&self, cookie: &str) -> Result<(), Failure> {
        self.with(|database| database.execute("DELETE FROM sessions WHERE cookie_hash = ?", [hash(cookie)]))?;
        Ok(())
    }

    /// Ends the session that the provider names, or all of the user's: their grants.
    pub(crate) fn end_as_told(&self, notice: &LogoutNotice) -> Result<Vec<SessionId>, Failure> {
        let statement = "DELETE FROM sessions WHERE (?1 IS NULL OR subject = ?1)
            AND (?2 IS NULL OR provider_session = ?2) RETURNING grant_id";
        let ended: Vec<String> = self.with(|database| {
            let mut statement = database.prepare(statement)?;
            statement.query_map(params![notice.subject, notice.session_id], |row| row.get(0))?.collect()
        })?;
        Ok(ended.into_iter().map(SessionId::new).collect::<Result<_, _>>()?)
    }

    fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Failure> {
        Ok(work(&self.0.lock().unwrap_or_else(PoisonError::into_inner))?)
    }
}

fn hash(cookie: &str) -> Vec<u8> {
    digest(&SHA256, cookie.as_bytes()).as_ref().to_vec()
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
