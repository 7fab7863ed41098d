//! Authorization requests to start from, and the exchange of their codes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::support::{Answer, World, encode};

/// RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[derive(Clone)]
pub struct Request(Vec<(String, String)>);

impl Request {
    /// `isv_web` with PKCE, for a user, its API and a refresh token.
    pub fn web() -> Self {
        Self(Vec::new())
            .with("client_id", "isv_web")
            .with("response_type", "code")
            .with("scope", "openid offline_access visma_api:read")
            .with("redirect_uri", "https://app.example/callback")
            .with("state", "the-state")
            .with("nonce", "the-nonce")
            .with("code_challenge", CHALLENGE)
            .with("code_challenge_method", "S256")
    }

    /// The same of `isv_native`.
    pub fn native() -> Self {
        Self::web().with("client_id", "isv_native").with("redirect_uri", "http://127.0.0.1/callback")
    }

    /// With this parameter set.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    pub fn encoded(&self) -> String {
        let pairs: Vec<_> = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        encode(&pairs)
    }

    pub fn path(&self) -> String {
        format!("/connect/authorize?{}", self.encoded())
    }

    fn value(&self, name: &str) -> &str {
        &self.0.iter().find(|(known, _)| known == name).expect(name).1
    }

    /// Exchanges a code of this request, rightly.
    pub async fn exchange(&self, world: &World, code: &str) -> Answer {
        self.exchange_with(world, code, &[("code_verifier", VERIFIER)]).await
    }

    /// Exchanges a code with these further parameters in the place of the verifier.
    pub async fn exchange_with(&self, world: &World, code: &str, further: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.value("redirect_uri")),
        ];
        form.extend(further);
        let client_id = self.value("client_id").to_owned();
        send_as(world, &client_id, &form).await
    }

    /// Logs Anna in, accepts, and exchanges the code: the token response.
    pub async fn tokens(&self, world: &World) -> serde_json::Value {
        let back = crate::browser::Browser::new(world).approve(&self.path()).await;
        let answer = self.exchange(world, &back.response()["code"]).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }
}

/// A token request of a client of the default configuration, authenticated in its way.
pub async fn send_as(world: &World, client_id: &str, form: &[(&str, &str)]) -> Answer {
    let secret = world.emulator.config().application(client_id).unwrap().secret.clone();
    let mut form = form.to_vec();
    form.push(("client_id", client_id));
    let secret = secret.as_ref().map(|secret| secret.expose_secret().to_owned());
    form.extend(secret.as_deref().map(|secret| ("client_secret", secret)));
    world.token(&form).await
}

pub async fn refresh(world: &World, client_id: &str, token: &str) -> Answer {
    send_as(world, client_id, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
}

/// A plain challenge and its verifier, which are the same.
pub fn plain_proof_key() -> String {
    URL_SAFE_NO_PAD.encode([7; 32])
}
