//! One login whose every secret is known, and a place for all that is printed on the way.

use std::fmt::{Debug, Display};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantline_core::{
    BegunLogin, Binding, Callback, ClientAuthenticationMethod, ClientSecret, Effect, Flow, HttpRequest,
    HttpResponse, LoginApp, LoginRequest, Millis, Now, Provider, Registration, Reply, Scopes, SecretBytes,
    Seed, Step, UnixMillis, WebApp,
};
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use crate::server;

pub const NOW: Now = Now { wall: UnixMillis(1_795_262_400_000), boot: Millis(60_000) };
pub const CLIENT_SECRET: &str = "client+secret/åäö";
pub const CODE: &str = "the-secret-code+1";
pub const ACCESS: &str = "the-access-token";
pub const REFRESH: &str = "the-refresh-token+1";

/// Everything that was printed, and what must not be in it.
pub struct Printed {
    secrets: Vec<String>,
    lines: Vec<String>,
}

impl Printed {
    /// `more`: secrets of this test beside the constants.
    pub fn new(more: &[&str]) -> Self {
        let constant = [CLIENT_SECRET, CODE, ACCESS, REFRESH];
        let secrets = constant.iter().chain(more).flat_map(|secret| spellings(secret)).collect();
        Self { secrets, lines: Vec::new() }
    }

    /// As `{:?}` and as `{:#?}`.
    pub fn debug(&mut self, value: &impl Debug) {
        self.lines.push(format!("{value:?}"));
        self.lines.push(format!("{value:#?}"));
    }

    pub fn display(&mut self, value: &impl Display) {
        self.lines.push(value.to_string());
    }

    #[track_caller]
    pub fn assert_clean(&self) {
        for line in &self.lines {
            assert!(!line.is_empty());
            for secret in &self.secrets {
                assert!(!line.contains(secret.as_str()), "{secret:?} shows in {line}");
            }
        }
    }
}

/// A secret as it stands, and as it travels: in a form, in a Basic header, in bytes.
pub fn spellings(secret: &str) -> Vec<String> {
    let encoded: String = byte_serialize(secret.as_bytes()).collect();
    let bytes = format!("{:?}", secret.as_bytes());
    let escaped = format!("{secret:?}");
    vec![
        secret.to_owned(),
        encoded,
        escaped.trim_matches('"').to_owned(),
        bytes.trim_matches(['[', ']']).to_owned(),
    ]
}

/// The Authorization header of the client.
pub fn basic() -> String {
    let encoded: String = byte_serialize(CLIENT_SECRET.as_bytes()).collect();
    format!("Basic {}", STANDARD.encode(format!("isv_web:{encoded}")))
}

pub fn registration(method: ClientAuthenticationMethod) -> Registration {
    Registration::new(Provider::visma_connect(), "isv_web")
        .client_secret(ClientSecret::new(CLIENT_SECRET))
        .client_authentication(method)
        .id_token_algorithm(server::ALGORITHM)
        .redirect_uri("https://app.example/callback")
}

pub fn web() -> LoginApp {
    WebApp::new(registration(ClientAuthenticationMethod::ClientSecretPost)).unwrap().into()
}

pub fn scopes() -> Scopes {
    Scopes::list(["openid", "offline_access", "api:read"]).unwrap()
}

pub fn seed() -> Seed {
    Seed::new([9; 32])
}

pub fn begun() -> BegunLogin {
    let mut flow = web().begin_login(LoginRequest::new(scopes()), seed());
    match flow.step(Reply::Start, NOW) {
        Step::Done(Ok(begun)) => begun,
        other => panic!("a login begins at once, and came to {other:?}"),
    }
}

/// A member of the login's record.
pub fn member(begun: &BegunLogin, name: &str) -> String {
    let record = begun.pending.to_record().unwrap();
    serde_json::from_str::<Value>(record.expose_secret()).unwrap()[name].as_str().unwrap().to_owned()
}

pub fn callback(begun: &BegunLogin) -> Callback {
    let code: String = byte_serialize(CODE.as_bytes()).collect();
    let state = begun.pending.state();
    Callback::query(format!("code={code}&state={state}&iss=https%3A%2F%2Fconnect.visma.com"))
}

pub fn binding(begun: &BegunLogin) -> Binding {
    Binding::cookie_value(begun.binding.as_ref().unwrap().expose_value())
}

pub fn response(status: u16, body: &Value) -> HttpResponse {
    let headers = vec![
        ("content-type".to_owned(), "application/json".to_owned()),
        ("set-cookie".to_owned(), format!("session={ACCESS}")),
    ];
    HttpResponse { status, headers, body: SecretBytes::new(body.to_string().into_bytes()) }
}

pub fn id_token(nonce: &str) -> String {
    let now = NOW.wall.0 / 1000;
    let claims = json!({
        "iss": "https://connect.visma.com", "aud": "isv_web", "sub": "anna", "iat": now, "exp": now + 300, "nonce": nonce,
    });
    server::signed_by(1, &claims)
}

pub fn tokens(id_token: &str) -> Value {
    json!({
        "access_token": ACCESS,
        "refresh_token": REFRESH,
        "id_token": id_token,
        "token_type": "Bearer",
        "expires_in": 3600,
    })
}

/// Starts a flow whose first effect is a request, but for the server's documents.
pub fn request<T: Debug>(flow: &mut Flow<T>) -> HttpRequest {
    let mut reply = Reply::Start;
    loop {
        match flow.step(reply, NOW) {
            Step::Do(Effect::Http(request)) => match server::document(&request) {
                Some(document) => reply = Reply::Http(Ok(document)),
                None => return request,
            },
            other => panic!("expected a request, got {other:?}"),
        }
    }
}
