//! The one error that crosses; the shells make their exceptions of it.

use grantline::{Advice, Error, ServerError};

/// Why an operation failed.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Error)]
pub enum NativeError {
    /// The only case: what tells failures apart is `code`, and whose they are `fault`.
    Failed {
        /// The stable code.
        code: String,
        /// The stable name of the fault: `server_refused`, `server_misbehaved`, `transport`, `unsupported`,
        /// `misuse`, `store`, `cancelled`, `internal`.
        fault: String,
        /// The stable name of the advice: `retry`, `log_in_again`, `ask_administrator`, `fix_configuration`,
        /// `report_bug`.
        advice: String,
        /// How long to wait before trying again, where the server said so.
        retry_after_ms: Option<u64>,
        /// What happened and what to change, for a person.
        text: String,
        /// The server's own words, if it refused.
        refusal: Option<Box<ServerRefusal>>,
    },
}

/// An error response of the server (RFC 6749 sections 4.1.2.1 and 5.2). Its texts are untrusted.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ServerRefusal {
    /// The server's `error`.
    pub error: String,
    /// The server's `error_description`.
    pub error_description: Option<String>,
    /// The server's `error_uri`.
    pub error_uri: Option<String>,
    /// The HTTP status; none for a refusal that a callback brought.
    pub status: Option<u16>,
    /// All further members, as the text of one JSON object.
    pub members: String,
}

impl std::fmt::Display for NativeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self::Failed { text, .. } = self;
        f.write_str(text)
    }
}

impl std::error::Error for NativeError {}

impl From<Error> for NativeError {
    fn from(error: Error) -> Self {
        let advice = error.advice();
        Self::Failed {
            code: error.code().into_owned(),
            fault: error.fault().name().to_owned(),
            advice: advice.name().to_owned(),
            retry_after_ms: retry_after_ms(advice),
            text: error.to_string(),
            refusal: refusal(error),
        }
    }
}

fn retry_after_ms(advice: Advice) -> Option<u64> {
    match advice {
        Advice::Retry { after } => after.map(|after| u64::try_from(after.as_millis()).unwrap_or(u64::MAX)),
        _ => None,
    }
}

fn refusal(error: Error) -> Option<Box<ServerRefusal>> {
    let Error::Server(refusal) = error else { return None };
    let ServerError { error, description, uri, status, members, .. } = *refusal;
    let members = serde_json::Value::Object(members).to_string();
    Some(Box::new(ServerRefusal { error, error_description: description, error_uri: uri, status, members }))
}
