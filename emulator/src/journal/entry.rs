//! One request, as the journal shows it.

use serde::Serialize;
use utoipa::ToSchema;

/// One request as a test sees it; recorded on arrival, completed by the answer. It holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordedRequest {
    /// Its number, from 1 in the order of arrival.
    pub number: u64,
    /// When it arrived, in milliseconds since 1970-01-01T00:00:00Z by the emulator's clock.
    pub time_ms: u64,
    /// The HTTP method.
    pub method: String,
    /// The path, such as `/connect/token`.
    pub path: String,
    /// The `grant_type` parameter.
    pub grant_type: Option<String>,
    /// The client, from the form, the query, Basic authentication or the access token.
    pub client_id: Option<String>,
    /// How the client authenticated, rightly or not; `None` where none does.
    pub auth_method: Option<AuthMethod>,
    /// The `tenant_id` parameter.
    pub tenant_id: Option<String>,
    /// The `scope` parameter.
    pub scope: Option<String>,
    /// The `resource` parameters (RFC 8707), the first ten of them.
    pub resource: Vec<String>,
    /// The parameters of the form or the query in their order, the first fifty of them, and the `Authorization` header
    /// field.
    pub parameters: Vec<Parameter>,
    /// What was looked at, in that order.
    pub checks: Vec<Check>,
    /// The status of the answer; `None` until it is given.
    pub status: Option<u16>,
    /// The answer; `None` until it is given.
    pub answer: Option<RecordedAnswer>,
    /// From arrival to answer, in microseconds of real time.
    pub took_us: Option<u64>,
    /// The `errorId` that the error page shows for this request.
    pub error_id: Option<String>,
    /// Why the request was refused: the words of the first check that failed. Also where the answer itself does not tell.
    pub reason: Option<String>,
}

impl RecordedRequest {
    /// Whether a check failed.
    pub fn is_refused(&self) -> bool {
        self.checks.iter().any(|check| !check.passed)
    }
}

/// A parameter of a request or of its answer. A secret is not shown but by its length, a token or code by its length
/// and its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its value, or what is shown in its place.
    pub value: String,
}

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Check {
    /// What was looked at, such as `client` or `redirect_uri`.
    pub name: &'static str,
    /// Whether it was as it has to be.
    pub passed: bool,
    /// What was found.
    pub words: String,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecordedAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The OAuth error code, wherever it stands in the answer.
    pub error: Option<String>,
    /// The members of a JSON answer, or the parameters of an authorization response.
    pub members: Vec<Parameter>,
}

/// How a request is authenticated (RFC 6749, section 2.3; RFC 6750).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// Client id and secret in the header.
    ClientSecretBasic,
    /// Client id and secret in the form.
    ClientSecretPost,
    /// A client id without a secret, in the form of an endpoint where clients authenticate.
    None,
    /// A token in the header.
    Bearer,
}

/// Which requests are meant; what is `None` matches all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Only this client's.
    pub client_id: Option<String>,
    /// Only those to this path.
    pub path: Option<String>,
    /// Only those that a check refused.
    pub refused: bool,
    /// Only the one whose error page shows this `errorId`.
    pub error_id: Option<String>,
}

impl RequestFilter {
    pub(crate) fn takes(&self, request: &RecordedRequest) -> bool {
        let client = self.client_id.is_none() || self.client_id == request.client_id;
        let path = self.path.as_ref().is_none_or(|path| *path == request.path);
        let error_id = self.error_id.is_none() || self.error_id == request.error_id;
        client && path && error_id && (!self.refused || request.is_refused())
    }
}
