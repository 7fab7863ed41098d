//! The application that the simulated hosts run.

use std::time::Duration;

use grantline_core::{
    Binding, Callback, Error, Generation, LoginApp, LoginRequest, NativeApp, Operation, PendingLogin,
    Provider, Registration, Rescue, Scopes, SessionId, SessionKey,
};

use crate::schedule::{self, Schedule};

const STANDARD: &str = r#"{"issuer":"https://id.example","token_endpoint":"https://id.example/token",
    "authorization_endpoint":"https://id.example/authorize",
    "revocation_endpoint":"https://id.example/revocation"}"#;

/// The providers that schedules choose from.
#[derive(Debug)]
pub(crate) struct Providers {
    visma: Provider,
    standard: Provider,
}

/// An application at one provider, and the sessions that it has there.
#[derive(Debug)]
pub(crate) struct Client {
    app: LoginApp,
    sessions: Vec<(SessionId, SessionKey)>,
}

impl Providers {
    pub(crate) fn new() -> Result<Self, Error> {
        let standard = Provider::from_metadata("https://id.example", STANDARD)?;
        Ok(Self { visma: Provider::visma_connect(), standard })
    }

    /// The application of a schedule.
    pub(crate) fn client(&self, plan: &Schedule) -> Result<Client, Error> {
        let provider = match plan.provider {
            schedule::Provider::Standard => &self.standard,
            schedule::Provider::VismaConnect => &self.visma,
        };
        let mut registration = Registration::new(provider.clone(), "isv").redirect_uri("http://127.0.0.1/c");
        if let (true, Some(grace)) = (plan.grace_is_known, plan.grace()) {
            registration = registration.refresh_grace(Duration::from_millis(grace.cast_unsigned()));
        }
        if plan.asks_for_login {
            registration = registration.ask_for_login_after_lost_answer();
        }
        let app = LoginApp::from(NativeApp::new(registration)?);
        let session = |place: usize| {
            let id = SessionId::new(place.to_string())?;
            Ok((id.clone(), app.session_key(id)))
        };
        let sessions = (0..plan.sessions).map(session).collect::<Result<_, Error>>()?;
        Ok(Client { app, sessions })
    }
}

impl Client {
    pub(crate) fn key(&self, session: usize) -> &SessionKey {
        &self.sessions[session].1
    }

    /// The place of a session among all, by the name of its record.
    pub(crate) fn session_named(&self, name: &str) -> Option<usize> {
        self.sessions.iter().position(|(id, _)| id.as_str() == name)
    }

    pub(crate) fn begin_login(&self, session: usize) -> Result<Operation, Error> {
        let id = self.sessions[session].0.clone();
        let request = LoginRequest::new(Scopes::list(["offline_access"])?).session(id);
        Ok(Operation::BeginLogin { app: self.app.clone(), request })
    }

    /// The server sends the browser back, and the user has consented.
    pub(crate) fn complete_login(&self, session: usize, pending: PendingLogin) -> Operation {
        let issuer = &self.sessions[0].1.issuer;
        let iss = issuer.replace(':', "%3A").replace('/', "%2F");
        let callback = Callback::query(format!("code=c{session}&state={}&iss={iss}", pending.state()));
        let binding = Binding::cookie_value("");
        Operation::CompleteLogin { app: self.app.clone(), pending, callback, binding }
    }

    pub(crate) fn token(&self, session: usize, newer_than: Option<Generation>) -> Operation {
        Operation::SessionToken {
            app: self.app.clone(),
            session: self.sessions[session].0.clone(),
            newer_than,
        }
    }

    pub(crate) fn end(&self, session: usize) -> Operation {
        Operation::EndSession { app: self.app.clone(), session: self.sessions[session].0.clone() }
    }

    pub(crate) fn rescue(&self, when: Rescue) -> Operation {
        Operation::RescueSessions { app: self.app.clone(), when }
    }
}
