//! The application's own sessions: which browser has which grant, and whose it is, so that the provider can end it.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use grantline::{IdTokenClaims, LoggedIn, LogoutNotice, SessionId};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};

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
        self.with(|database| database.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?)", row))?;
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

    /// Forgets the session of a grant that has ended. Not before: nobody else knows the grant's name.
    pub(crate) fn forget(&self, grant: &SessionId) -> Result<(), Failure> {
        self.with(|database| database.execute("DELETE FROM sessions WHERE grant_id = ?", [grant.as_str()]))?;
        Ok(())
    }

    /// The grant of the session that the provider names, or those of all of the user's.
    pub(crate) fn named_by(&self, notice: &LogoutNotice) -> Result<Vec<SessionId>, Failure> {
        let query = "SELECT grant_id FROM sessions WHERE (?1 IS NULL OR subject = ?1)
            AND (?2 IS NULL OR provider_session = ?2)";
        self.grants(query, params![notice.subject, notice.session_id])
    }

    /// Grants that nobody uses any more: that of the session which a login replaced, and of sessions whose time is over. A
    /// few at a time, since a user waits: each login begins one session and ends up to three. In any order: one that never
    /// ends is in nobody's way.
    pub(crate) fn over(&self, replaced: Option<&str>) -> Result<Vec<SessionId>, Failure> {
        let query = "SELECT grant_id FROM sessions WHERE grant_id IS ?1 OR ends_at < ?2
            ORDER BY grant_id IS NOT ?1, random() LIMIT 3";
        self.grants(query, params![replaced, now()])
    }

    fn grants(&self, query: &str, values: &[&dyn ToSql]) -> Result<Vec<SessionId>, Failure> {
        let found: Vec<String> =
            self.with(|database| database.prepare(query)?.query_map(values, |row| row.get(0))?.collect())?;
        Ok(found.into_iter().map(SessionId::new).collect::<Result<_, _>>()?)
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
