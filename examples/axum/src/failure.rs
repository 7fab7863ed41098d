//! Whatever goes wrong, as a page that says what the user can do.

use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{AppendHeaders, IntoResponse, Response};
use grantline::{Advice, ApiError, ApiRefusal, Error, Fault};

use crate::pages::Message;

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    Grantline(#[from] Error),
    #[error("{0}")]
    ApiRefused(ApiRefusal),
    #[error("no usable answer from the API: {0}")]
    NoAnswer(#[from] reqwest::Error),
    #[error("the API's answer: {0}")]
    Malformed(#[from] serde_json::Error),
    #[error("the table of sessions: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("the system gives no random bytes")]
    Entropy,
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Http(error) => Self::NoAnswer(error),
            ApiError::Token(error) => Self::Grantline(error),
            _ => Self::Grantline(Error::Internal("a new kind of API error")),
        }
    }
}

impl Failure {
    /// A stable name. That of a server's refusal is the server's own, and escaped like all that the pages show.
    pub(crate) fn code(&self) -> String {
        match self {
            Self::Grantline(error) => error.code().into_owned(),
            Self::ApiRefused(refusal) => refusal.code().to_owned(),
            Self::NoAnswer(_) => "api_unavailable".to_owned(),
            Self::Malformed(_) => "api_answer_malformed".to_owned(),
            Self::Database(_) | Self::Entropy => "internal".to_owned(),
        }
    }

    pub(crate) fn advice(&self) -> Advice {
        match self {
            Self::Grantline(error) => error.advice(),
            Self::ApiRefused(refusal) => refusal.advice(),
            Self::NoAnswer(_) => Advice::Retry { after: None },
            Self::Malformed(_) | Self::Database(_) | Self::Entropy => Advice::ReportBug,
        }
    }

    /// What the user is told: our words for what to do, and none of a server's.
    fn words(&self) -> (&'static str, &'static str) {
        match self.advice() {
            _ if self.code() == "access_denied" => {
                ("The login was cancelled", "You can begin it again whenever you like.")
            }
            Advice::LogInAgain => ("Please log in again", "This login is over, or another browser began it."),
            Advice::Retry { .. } => {
                ("Please try again in a minute", "A service that is needed did not answer.")
            }
            Advice::AskAdministrator => {
                ("You have no access", "Your company's administrator can give it, which takes some minutes.")
            }
            _ => ("This does not work", "It is our mistake, and it has been noted."),
        }
    }

    fn status(&self) -> StatusCode {
        match (self.advice(), self) {
            (Advice::Retry { .. }, _) => StatusCode::SERVICE_UNAVAILABLE,
            // What a browser brought is no fault of ours.
            (_, Self::Grantline(error)) if error.fault() == Fault::ServerMisbehaved => {
                StatusCode::BAD_REQUEST
            }
            (Advice::LogInAgain | Advice::AskAdministrator, _) => StatusCode::FORBIDDEN,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn retry_after(&self) -> Option<String> {
        match self.advice() {
            Advice::Retry { after } => after.map(|after| after.as_secs().max(1).to_string()),
            _ => None,
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        // Quoted: text of a server's does not write into a terminal here.
        eprintln!("{}: {:?}", self.code(), self.to_string());
        let (title, text) = self.words();
        let page = Message { status: self.status(), title, text, code: Some(self.code()) };
        (AppendHeaders(self.retry_after().map(|after| (RETRY_AFTER, after))), page).into_response()
    }
}
