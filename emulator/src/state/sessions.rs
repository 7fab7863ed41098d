//! Single sign-on sessions, and the applications that users came to with them.

use serde::{Deserialize, Serialize};

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

    /// The sessions of a user that are not over.
    pub(crate) fn of_user(&self, sub: &str, now: UnixMillis) -> Vec<String> {
        let with_applications =
            self.participants.iter(now).filter(|(_, who)| who.sub == sub).map(|(sid, _)| sid.clone());
        let in_browsers = self
            .of_browsers
            .iter(now)
            .filter(|(_, session)| session.sub == sub)
            .map(|(_, session)| session.authentication.sid.clone());
        let mut sids: Vec<String> = with_applications.chain(in_browsers).collect();
        sids.sort_unstable();
        sids.dedup();
        sids
    }
}
