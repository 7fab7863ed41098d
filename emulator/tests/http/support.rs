//! What every test needs: a running emulator, an HTTP client without habits, and JWT claims.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use grantline_emulator::{Config, Emulator, Mode};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap};
use reqwest::{Method, redirect};
use serde_json::Value;
use url::form_urlencoded;

pub const FJORD: &str = "11111111-1111-4111-8111-111111111111";
pub const NORDLYS: &str = "22222222-2222-4222-8222-222222222222";
pub const NOT_APPROVED: &str = "99999999-9999-4999-8999-999999999999";

pub const FORM: &str = "application/x-www-form-urlencoded";

/// A running emulator and a client that follows no redirect and keeps no cookie.
pub struct World {
    pub emulator: Emulator,
    http: reqwest::Client,
}

/// What came back.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The `error` member of an error answer.
    pub fn error(&self) -> String {
        self.json()["error"].as_str().expect("an error").to_owned()
    }
}

pub fn visma() -> World {
    World::with(Config::default())
}

pub fn standard() -> World {
    World::with(Config { mode: Mode::Standard, ..Config::default() })
}

/// One emulator in each mode, for rules that hold in both.
pub fn both() -> [World; 2] {
    [visma(), standard()]
}

impl World {
    pub fn with(config: Config) -> Self {
        Self::of(Emulator::start(config).unwrap())
    }

    pub fn of(emulator: Emulator) -> Self {
        let http = reqwest::Client::builder().redirect(redirect::Policy::none()).no_proxy().build().unwrap();
        Self { emulator, http }
    }

    /// Visma mode with one application changed.
    pub fn changed(client_id: &str, change: impl FnOnce(&mut grantline_emulator::Application)) -> Self {
        let mut config = Config::default();
        change(config.application_mut(client_id).unwrap());
        Self::with(config)
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.emulator.url())
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let url = if path.starts_with('/') { self.url(path) } else { path.to_owned() };
        let mut request = self.http.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, body: response.text().await.unwrap() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    /// GET whose answer goes on for as long as somebody reads it.
    pub async fn follow(&self, path: &str) -> reqwest::Response {
        self.http.get(self.url(path)).send().await.unwrap()
    }

    pub async fn get_with_token(&self, path: &str, token: &str) -> Answer {
        self.send(Method::GET, path, &[(AUTHORIZATION.as_str(), &format!("Bearer {token}"))], "").await
    }

    /// POST to the token endpoint with whatever `form` holds.
    pub async fn token(&self, form: &[(&str, &str)]) -> Answer {
        self.send(Method::POST, "/connect/token", &[(CONTENT_TYPE.as_str(), FORM)], encode(form)).await
    }

    /// POST to the token endpoint that gets no answer, not even a status.
    pub async fn token_without_answer(&self, form: &[(&str, &str)]) {
        let request = self.http.post(self.url("/connect/token")).header(CONTENT_TYPE, FORM);
        let failure = request.body(encode(form)).send().await.unwrap_err();
        assert!(failure.is_request() && failure.status().is_none(), "{failure:?}");
    }

    /// The same with Basic authentication, id and secret sent as they are given.
    pub async fn token_with_basic(&self, id_and_secret: &str, form: &[(&str, &str)]) -> Answer {
        let basic = format!("Basic {}", STANDARD.encode(id_and_secret));
        let headers = [(CONTENT_TYPE.as_str(), FORM), (AUTHORIZATION.as_str(), basic.as_str())];
        self.send(Method::POST, "/connect/token", &headers, encode(form)).await
    }

    /// A `client_credentials` request of `isv_service` with these further parameters.
    pub async fn service_token(&self, further: &[(&str, &str)]) -> Answer {
        let mut form = vec![
            ("grant_type", "client_credentials"),
            ("client_id", "isv_service"),
            ("client_secret", "service-secret"),
        ];
        form.extend(further);
        self.token(&form).await
    }
}

pub fn encode(params: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish()
}

/// The claims of a JWT, unverified: the tests of the keys verify.
pub fn claims(token: &Value) -> Value {
    part(token, 1)
}

/// The header of a JWT.
pub fn jwt_header(token: &Value) -> Value {
    part(token, 0)
}

fn part(token: &Value, index: usize) -> Value {
    let part = token.as_str().expect("a token").split('.').nth(index).expect("a JWT");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}
