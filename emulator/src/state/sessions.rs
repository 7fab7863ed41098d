//! Single sign-on sessions, and the applications that users came to with them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Expiring, Session};
use crate::clock::{UnixMillis, after};

/// A single sign-on session lives for 10 hours at most.
const LIFETIME_S: u64 = 10 * 3600;

#[derive(Default, Clone, Serialize, Deserialize)]
pub(crate) struct Sessions {
    /// By the value of their cookie.
    of_browsers: Expiring<Session>,
    /// By `sid`; also of logins without a browser.
    participants: Expiring<Participants>,
}

/// A session that is not over, as a test sees it; it holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SessionReport {
    /// The `sid` claim of its tokens.
    pub sid: String,
    /// The user who logged in.
    pub sub: String,
    /// The applications that got tokens in it.
    pub client_ids: Vec<String>,
    /// Whether a browser has its cookie: there the next login asks for no password.
    pub in_browser: bool,
    /// When it ends by itself, in milliseconds since 1970-01-01T00:00:00Z by the emulator's clock.
    pub ends_at_ms: u64,
}

/// Who takes part in a session.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Participants {
    pub(crate) sub: String,
    pub(crate) client_ids: Vec<String>,
}

impl Sessions {
    pub(crate) fn begin(&mut self, cookie: String, session: Session, now: UnixMillis) {
        self.of_browsers.insert(cookie, session, after(now, LIFETIME_S), now);
    }

    pub(crate) fn of_browser(&self, cookie: &str, now: UnixMillis) -> Option<&Session> {
        self.of_browsers.get(cookie, now)
    }

    /// An application gets tokens of this session.
    pub(crate) fn join(&mut self, sid: &str, sub: &str, client_id: &str, now: UnixMillis) {
        if let Some(known) = self.participants.get_mut(sid, now) {
            if !known.client_ids.iter().any(|known| known == client_id) {
                known.client_ids.push(client_id.to_owned());
            }
            return;
        }
        let participants = Participants { sub: sub.to_owned(), client_ids: vec![client_id.to_owned()] };
        self.participants.insert(sid.to_owned(), participants, after(now, LIFETIME_S), now);
    }

    /// Ends a session: who took part in it.
    pub(crate) fn end(&mut self, sid: &str) -> Option<Participants> {
        self.of_browsers.retain(|session| session.authentication.sid != sid);
        self.participants.remove(sid)
    }

    /// The sessions that are not over, that one last which began last.
    pub(crate) fn reports(&self, now: UnixMillis) -> Vec<SessionReport> {
        let with_applications = self.participants.iter(now).map(|(sid, ends_at_ms, who)| {
            let (sub, client_ids) = (who.sub.clone(), who.client_ids.clone());
            (sid, SessionReport { sid: sid.to_owned(), sub, client_ids, in_browser: false, ends_at_ms })
        });
        let mut reports: BTreeMap<&str, SessionReport> = with_applications.collect();
        for (_, ends_at_ms, session) in self.of_browsers.iter(now) {
            let sid = &session.authentication.sid;
            let known = reports.entry(sid).or_insert_with(|| SessionReport {
                sid: sid.clone(),
                sub: session.sub.clone(),
                client_ids: Vec::new(),
                in_browser: true,
                ends_at_ms,
            });
            known.in_browser = true;
            known.ends_at_ms = known.ends_at_ms.max(ends_at_ms);
        }
        let mut reports: Vec<SessionReport> = reports.into_values().collect();
        reports.sort_by_key(|report| report.ends_at_ms);
        reports
    }
}
