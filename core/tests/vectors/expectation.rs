//! The expected error, in the one form that all files use.

use grantline_core::{Advice, Error};
use serde::Deserialize;

use crate::table::same;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectedError {
    pub code: String,
    fault: String,
    advice: String,
    retry_after_s: Option<u64>,
    error_description: Option<String>,
}

impl ExpectedError {
    pub fn check(&self, error: &Error) -> Result<(), String> {
        same("code", &error.code().as_ref(), &self.code.as_str())?;
        same("fault", &error.fault().name(), &self.fault.as_str())?;
        same("advice", &error.advice().name(), &self.advice.as_str())?;
        let after = match error.advice() {
            Advice::Retry { after } => after.map(|after| after.as_secs()),
            _ => None,
        };
        same("retry_after_s", &after, &self.retry_after_s)?;
        match (&self.error_description, error) {
            (None, _) => Ok(()),
            (Some(_), Error::Server(refusal)) => {
                same("error_description", &refusal.description, &self.error_description)
            }
            (Some(_), _) => Err("the error is not the server's refusal".to_owned()),
        }
    }
}
