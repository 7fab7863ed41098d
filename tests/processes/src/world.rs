//! The server that judges, and the sessions.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use grantline::{AccessToken, Binding, Call, Callback, LoginRequest, Scopes, Session};
use grantline_emulator::{
    Application, CannedReply, Config, Consent, Emulator, GrantReport, RefreshPolicy, Secret,
};

use crate::failure::{Failure, Result, cannot};
use crate::job::{Job, Place, REDIRECT_URI, SECRET, SessionName};

const USER: &str = "anna@example.com";

/// An hour: nothing that a round fetches expires within it.
const LASTING_S: u64 = 3600;

/// An application, and for how long a refresh token of it still works when it was used.
struct App {
    client_id: &'static str,
    grace_s: u64,
}

/// The worst that the provider's portal offers, and what grantline advises.
const APPS: [App; 2] = [App { client_id: "grace_0", grace_s: 0 }, App { client_id: "grace_60", grace_s: 60 }];

pub(crate) struct World {
    emulator: Emulator,
    place: Place,
    http_timeout_s: u64,
    /// The grant behind each session, by its number at the server.
    grants: BTreeMap<SessionName, u64>,
    logins: u64,
}

impl World {
    /// With so many sessions of each application in an empty store.
    pub(crate) fn new(place: Place, http_timeout_s: u64, each: usize) -> Result<Self> {
        let emulator = Emulator::start(config()?).map_err(cannot("start the emulator"))?;
        let mut world = Self { emulator, place, http_timeout_s, grants: BTreeMap::new(), logins: 0 };
        for client_id in APPS.map(|app| app.client_id) {
            for _ in 0..each {
                world.log_in(client_id)?;
            }
        }
        Ok(world)
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    pub(crate) fn sessions(&self) -> Vec<SessionName> {
        self.grants.keys().cloned().collect()
    }

    pub(crate) fn job(&self, threads: usize) -> Job {
        Job {
            issuer: self.emulator.issuer().to_owned(),
            place: self.place.clone(),
            http_timeout_s: self.http_timeout_s,
            threads,
            sessions: self.sessions(),
        }
    }

    /// A new session, by a login.
    fn log_in(&mut self, client_id: &str) -> Result<()> {
        self.logins += 1;
        let name = SessionName { client_id: client_id.to_owned(), id: format!("user-{}", self.logins) };
        let job = self.job(1);
        let app = job.app(&job.client()?, client_id)?;
        let scopes = Scopes::list(["offline_access", "visma_api:read"])?;
        let begun = app.begin_login(LoginRequest::new(scopes).session(name.id()?)).wait()?;
        let landing = self.emulator.log_in(&begun.url, USER).map_err(cannot("log in"))?;
        let cookie = begun.binding.ok_or_else(|| Failure::new("a web login has a binding"))?;
        let binding = Binding::cookie_value(cookie.expose_value());
        app.complete_login(begun.pending, Callback::query(landing.response), binding).wait()?;
        let grant = self.emulator.grants(client_id).pop().ok_or_else(|| Failure::new("no grant began"))?;
        self.grants.insert(name, grant.id);
        Ok(())
    }

    /// A session whose grant is lost gives way to a new login.
    pub(crate) fn replace(&mut self, lost: &SessionName) -> Result<()> {
        self.grants.remove(lost);
        self.log_in(&lost.client_id)
    }

    /// The server's word on the grant behind each session.
    pub(crate) fn reports(&self) -> Result<Vec<GrantReport>> {
        let grants = APPS.iter().flat_map(|app| self.emulator.grants(app.client_id));
        let mut grants: BTreeMap<u64, GrantReport> = grants.map(|grant| (grant.id, grant)).collect();
        let report = |id| grants.remove(id).ok_or_else(|| Failure::new("the server does not know a grant"));
        self.grants.values().map(report).collect()
    }

    /// Whether a refresh token of this session still works for a while when it was used.
    pub(crate) fn has_grace(session: &SessionName) -> bool {
        APPS.iter().any(|app| app.client_id == session.client_id && app.grace_s > 0)
    }

    /// The next answers to token requests are held back for so long each, after their tokens were rotated.
    pub(crate) fn hold_back(&self, delays: &[Duration]) -> Result<()> {
        for delay in delays {
            let reply = CannedReply::delay("/connect/token", *delay);
            self.emulator.reply_next(reply).map_err(cannot("prepare an answer"))?;
        }
        Ok(())
    }

    /// No answer is held back any more.
    pub(crate) fn let_go(&self) {
        self.emulator.clear_replies();
    }

    /// Leaves every session with a token that has expired: one that the server gave no time.
    pub(crate) fn expire_all(&self) -> Result<()> {
        self.live_for(0);
        let (client, sessions) = self.job(1).open()?;
        // Two steps: the first one takes the newest token over from the store, the second one replaces that.
        ask(&sessions, Session::fresh_token)?;
        ask(&sessions, Session::refresh)?;
        self.live_for(LASTING_S);
        Ok(client.shutdown().wait()?)
    }

    /// The code of the error that somebody gets who asks now, session by session.
    pub(crate) fn ask_afterwards(&self) -> Result<Vec<Option<String>>> {
        let error =
            |session: Session| session.fresh_token().wait().err().map(|error| error.code().into_owned());
        let (client, sessions) = self.job(1).open()?;
        let errors = sessions.into_iter().map(error).collect();
        client.shutdown().wait()?;
        Ok(errors)
    }

    fn live_for(&self, seconds: u64) {
        for application in &self.emulator.config().applications {
            self.emulator.set_access_token_lifetime(&application.client_id, seconds);
        }
    }
}

fn ask(sessions: &[Session], what: impl Fn(&Session) -> Call<Arc<AccessToken>>) -> Result<()> {
    let calls: Vec<_> = sessions.iter().map(what).collect();
    for call in calls {
        call.wait()?;
    }
    Ok(())
}

/// The emulator's own users, tenants and APIs, and the applications of this harness.
fn config() -> Result<Config> {
    let mut config = Config::default();
    let model = config.application("isv_web").ok_or_else(|| Failure::new("the emulator has an isv_web"))?;
    let application = |app: &App| Application {
        client_id: app.client_id.to_owned(),
        name: app.client_id.to_owned(),
        secret: Some(Secret::new(SECRET)),
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        consent: Consent::Skip,
        refresh: RefreshPolicy::OneTime,
        grace_s: app.grace_s,
        ..model.clone()
    };
    config.applications = APPS.iter().map(application).collect();
    Ok(config)
}
