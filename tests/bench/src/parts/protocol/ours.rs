//! grantline's part.

use std::sync::Arc;

use grantline::core::{Effect, Engine, Operation, Output, Reply, Seed, Settings, Step, StoreReply, Todo};
use grantline::{
    AwsLcVerifier, BegunLogin, Binding, Callback, ClientSecret, HttpResponse, IdTokenExpectations, KeySet,
    LoginRequest, Millis, Now, Provider, RawIdToken, Registration, Scopes, SecretBytes, UnixMillis,
};
use rustix::rand::{GetRandomFlags, getrandom};

use super::signer::{Signer, tokens_with};
use super::{CLIENT_ID, NOW_S, REDIRECT_URI, SCOPES, TOKENS};
use crate::Result;

const NOW: Now = Now { wall: UnixMillis(NOW_S * 1000), boot: Millis(3_600_000) };

pub(super) struct Ours {
    app: grantline::core::LoginApp,
    native: grantline::core::LoginApp,
    request: LoginRequest,
    keys: KeySet,
    verifier: AwsLcVerifier,
    expected: IdTokenExpectations,
    refresh_token: grantline::core::RefreshToken,
    scopes: Scopes,
}

/// A login whose answers are ready: the seed decides its nonce, for which the ID token is signed beforehand.
pub(super) struct Prepared {
    seed: [u8; 32],
    tokens: Vec<u8>,
}

impl Ours {
    pub(super) fn new(signer: &Signer) -> Result<Self> {
        let registration = Registration::new(Provider::visma_connect(), CLIENT_ID)
            .client_secret(ClientSecret::new("a-client-secret"))
            .redirect_uri(REDIRECT_URI);
        let public = Registration::new(Provider::visma_connect(), CLIENT_ID).redirect_uri(REDIRECT_URI);
        let scopes = Scopes::list(SCOPES)?;
        Ok(Self {
            app: grantline::core::WebApp::new(registration)?.into(),
            native: grantline::core::NativeApp::new(public)?.into(),
            request: LoginRequest::new(scopes.clone()),
            keys: KeySet::from_json(&signer.key_set().to_string())?,
            verifier: AwsLcVerifier::default(),
            expected: IdTokenExpectations::nonce("a-nonce"),
            refresh_token: grantline::core::RefreshToken::new("a-refresh-token"),
            scopes,
        })
    }

    /// Of a native application, which has no cookie to draw, as the others draw none.
    pub(super) fn authorization_url(&self) -> Result<BegunLogin> {
        let mut flow = self.native.begin_login(self.request.clone(), seed()?);
        match flow.step(Reply::Start, NOW) {
            Step::Done(begun) => Ok(begun?),
            other => Err(format!("a login begins at once, and came to {other:?}").into()),
        }
    }

    pub(super) fn refresh(&self) -> Result<grantline::core::Grant> {
        let mut flow = self.app.refresh(self.refresh_token.clone(), self.scopes.clone(), None, seed()?);
        flow.step(Reply::Start, NOW);
        match flow.step(answer(TOKENS.as_bytes().to_vec()), NOW) {
            Step::Done(grant) => Ok(grant?),
            other => Err(format!("one answer is enough, and it came to {other:?}").into()),
        }
    }

    pub(super) fn check_id_token(&self, token: &str) -> Result<grantline::IdTokenClaims> {
        let registration = self.app.registration();
        let token = RawIdToken::new(token);
        Ok(registration.check_id_token(&token, &self.keys, &self.expected, &self.verifier, NOW.wall)?)
    }

    /// Logins for one engine each.
    pub(super) fn prepare(&self, signer: &Signer, count: u32) -> Result<Vec<Prepared>> {
        (0..count)
            .map(|_| {
                let seed = random()?;
                let mut flow = self.app.begin_login(self.request.clone(), Seed::new(seed));
                let Step::Done(Ok(begun)) = flow.step(Reply::Start, NOW) else {
                    return Err("a login begins at once".into());
                };
                let nonce = parameter(&begun.url, "nonce")?;
                Ok(Prepared { seed, tokens: tokens_with(&signer.id_token(&nonce)?) })
            })
            .collect()
    }

    /// An engine that knows the server's keys.
    pub(super) fn engine(&self, signer: &Signer) -> Result<Engine> {
        let engine =
            Engine::with(&Settings::default().signature_verifier(Arc::new(AwsLcVerifier::default())));
        let first = self.prepare(signer, 1)?;
        let key_set = signer.key_set().to_string().into_bytes();
        let first = first.first().ok_or("one was prepared")?;
        self.go_through(&engine, first, |url| url.ends_with("/jwks").then(|| key_set.clone()))?;
        Ok(engine)
    }

    pub(super) fn log_in(&self, engine: &Engine, login: &Prepared) -> Result<Output> {
        self.go_through(engine, login, |_| None)
    }

    /// From the URL to the session, which a store takes.
    fn go_through(
        &self,
        engine: &Engine,
        login: &Prepared,
        document: impl Fn(&str) -> Option<Vec<u8>>,
    ) -> Result<Output> {
        let begin = Operation::BeginLogin { app: self.app.clone(), request: self.request.clone() };
        let Output::LoginBegun(begun) = run(engine, begin, Seed::new(login.seed), &login.tokens, &document)?
        else {
            return Err("a login was to begin".into());
        };
        let cookie = begun.binding.as_ref().map(|binding| binding.expose_value().to_owned());
        let binding = Binding::cookie_value(cookie.ok_or("a web application binds its logins")?);
        let query =
            format!("code=a-code&state={}&iss=https%3A%2F%2Fconnect.visma.com", begun.pending.state());
        let complete = Operation::CompleteLogin {
            app: self.app.clone(),
            pending: begun.pending,
            callback: Callback::query(query),
            binding,
        };
        run(engine, complete, seed()?, &login.tokens, &document)
    }
}

fn run(
    engine: &Engine,
    operation: Operation,
    seed: Seed,
    tokens: &[u8],
    document: &impl Fn(&str) -> Option<Vec<u8>>,
) -> Result<Output> {
    engine.call(operation, seed, NOW);
    while let Some(todo) = engine.next() {
        let Todo::Do { id, effect, .. } = todo else { continue };
        let reply = match effect {
            Effect::Http(request) if request.body.is_some() => answer(tokens.to_vec()),
            Effect::Http(request) => document(&request.url).map_or_else(missing, answer),
            _ => Reply::Store(StoreReply::Done),
        };
        engine.reply(id, reply, NOW);
    }
    while engine.next_event().is_some() {}
    let (_, outcome) = engine.next_outcome().ok_or("an operation was to end")?;
    Ok(outcome?)
}

fn answer(body: Vec<u8>) -> Reply {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Reply::Http(Ok(HttpResponse { status: 200, headers, body: SecretBytes::new(body) }))
}

/// Visma Connect's own document is not needed.
fn missing() -> Reply {
    Reply::Http(Ok(HttpResponse { status: 404, headers: Vec::new(), body: SecretBytes::new(Vec::new()) }))
}

fn parameter(url: &str, name: &str) -> Result<String> {
    let url = url::Url::parse(url)?;
    let found = url.query_pairs().find(|(known, _)| known == name);
    Ok(found.ok_or("the parameter is there")?.1.into_owned())
}

fn seed() -> Result<Seed> {
    Ok(Seed::new(random()?))
}

fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom(&mut bytes, GetRandomFlags::empty())?;
    Ok(bytes)
}
