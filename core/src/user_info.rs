//! The `UserInfo` endpoint (OpenID Connect Core section 5.3).

use serde_json::{Map, Value};

use crate::attach::Challenge;
use crate::directory;
use crate::error::{Endpoint, Error, ServerError, SignedToken, Violation};
use crate::flow::Io;
use crate::http::{HttpRequest, HttpResponse, Method};
use crate::id_token::{self, Reader};
use crate::jose::object;
use crate::provider::Asking;
use crate::registration::Registration;
use crate::secret::SecretText;
use crate::token::AccessToken;
use crate::token_endpoint;

/// What the provider says of a user.
#[derive(Clone, PartialEq)]
pub struct UserInfo {
    subject: String,
    claims: Map<String, Value>,
}

impl UserInfo {
    /// The user, by the name that the ID token has as well (`sub`).
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// A claim, as JSON. Text in it is the user's: escape it.
    pub fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// All claims.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }
}

/// Without what is personal.
impl std::fmt::Debug for UserInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserInfo").field("subject", &self.subject).finish_non_exhaustive()
    }
}

/// Asks for the claims of the user that a token is of.
///
/// `subject`: of the login's ID token. What is about anybody else is not used (section 5.3.2); without one there is nothing
/// to compare with, and the answer identifies nobody by itself.
pub(crate) async fn user_info(
    io: &Io,
    registration: &Registration,
    token: &AccessToken,
    subject: Option<&str>,
) -> Result<UserInfo, Error> {
    let server = directory::metadata(io, &registration.provider).await?;
    let request = HttpRequest {
        method: Method::Get,
        url: server.userinfo_endpoint()?.to_string(),
        headers: vec![
            ("accept", SecretText::new("application/json")),
            ("authorization", SecretText::new(format!("Bearer {}", token.expose_secret()))),
        ],
        body: None,
        timeout: io.http_timeout(),
    };
    let response = token_endpoint::send_once(io, request).await?;
    if matches!(response.status, 400 | 401 | 403) {
        return Err(refusal(registration, &response, token));
    }
    token_endpoint::check_success(&response)?;
    let claims = claims(io, registration, &response).await?;
    let named = claims.get("sub").and_then(Value::as_str).filter(|named| !named.is_empty());
    match named {
        Some(named) if subject.is_none_or(|subject| subject == named) => {
            Ok(UserInfo { subject: named.to_owned(), claims })
        }
        _ => Err(Violation::UserInfoSubjectMismatch.into()),
    }
}

/// The content type says whether the answer is signed (section 5.3.2); then it has an issuer and an audience, too.
async fn claims(
    io: &Io,
    registration: &Registration,
    response: &HttpResponse,
) -> Result<Map<String, Value>, Error> {
    let status = response.status;
    let malformed = || Error::from(Violation::MalformedJson { status });
    match media_type(response).as_str() {
        "application/json" => object(response.body.expose_secret()).ok_or_else(malformed),
        "application/jwt" => {
            let text = std::str::from_utf8(response.body.expose_secret()).map_err(|_| malformed())?;
            let claims = signed_claims(io, registration, text.trim()).await;
            claims.map_err(|refused| refused.about(SignedToken::UserInfo))
        }
        other => Err(Violation::NotJson { status, content_type: token_endpoint::cut(other, 100) }.into()),
    }
}

async fn signed_claims(
    io: &Io,
    registration: &Registration,
    token: &str,
) -> Result<Map<String, Value>, Error> {
    let token = id_token::parse(token)?;
    id_token::verify(io, registration, &token).await?;
    id_token::check_kind(&token)?;
    id_token::issuer_and_audience(&mut Reader::new(token.claims.clone()), registration)?;
    Ok(token.claims)
}

fn media_type(response: &HttpResponse) -> String {
    let value = response.header("content-type").unwrap_or("no content type");
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// In the words of the challenge, if there is one (RFC 6750 section 3.1).
fn refusal(registration: &Registration, response: &HttpResponse, token: &AccessToken) -> Error {
    let headers = response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("www-authenticate"));
    let challenges = Challenge::read_all(headers.map(|(_, value)| value.as_str()));
    let said = challenges.iter().find_map(|challenge| Some((challenge, challenge.parameter("error")?)));
    let is_shown = |text: &&str| !text.contains(token.expose_secret());
    let is_code = |error: &&str| token_endpoint::is_error_code(error) && is_shown(error);
    let Some((challenge, error)) = said.filter(|(_, error)| is_code(error)) else {
        return match response.status {
            403 => Violation::UserInfoForbidden.into(),
            status => Violation::UnexpectedStatus { status }.into(),
        };
    };
    let (advice, hint) = registration.provider.profile().advise(error, Asking::UserInfo);
    let description = challenge.parameter("error_description").filter(is_shown);
    Error::Server(Box::new(ServerError {
        endpoint: Endpoint::UserInfo,
        status: Some(response.status),
        error: token_endpoint::cut(error, token_endpoint::LONGEST_TEXT),
        description: description.map(|text| token_endpoint::cut(text, token_endpoint::LONGEST_TEXT)),
        uri: None,
        members: Map::new(),
        advice,
        hint,
    }))
}
