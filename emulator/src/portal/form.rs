//! What was typed into a form, and why it was refused.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::form_urlencoded;

use super::page;
use crate::app_state::Shared;
use crate::config::ConfigError;
use crate::control::ControlError;
use crate::params::is_form;

/// What was typed: names and values, in their order.
#[derive(Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    pub(super) fn set_all<'a>(&mut self, name: &str, values: impl IntoIterator<Item = &'a String>) {
        values.into_iter().for_each(|value| self.set(name, value.as_str()));
    }

    /// The value without spaces around it; empty if there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.values(name).next().unwrap_or("").trim()
    }

    /// The value as it was typed, for what may begin or end with a space.
    pub(super) fn verbatim(&self, name: &str) -> &str {
        self.values(name).next().unwrap_or("")
    }

    pub(super) fn optional(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    pub(super) fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn all(&self, name: &str) -> Vec<String> {
        self.values(name).map(str::to_owned).collect()
    }

    /// One a line.
    pub(super) fn lines(&self, name: &str) -> Vec<String> {
        let lines = self.text(name).lines().map(str::trim);
        lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    pub(super) fn is_checked(&self, name: &str) -> bool {
        self.values(name).next().is_some()
    }

    pub(super) fn number<T: std::str::FromStr>(&self, name: &'static str) -> Result<T, Wrong> {
        let typed = self.text(name);
        typed.parse().map_err(|_| Wrong::at(name, format!("\"{typed}\" is no number that fits here")))
    }

    /// `None` where nothing was typed.
    pub(super) fn number_if_any<T: std::str::FromStr>(&self, name: &'static str) -> Result<Option<T>, Wrong> {
        if self.text(name).is_empty() { Ok(None) } else { self.number(name).map(Some) }
    }

    /// One of the names of `T`.
    pub(super) fn choice<T: DeserializeOwned>(&self, name: &'static str) -> Result<T, Wrong> {
        let chosen = Value::from(self.text(name));
        serde_json::from_value(chosen).map_err(|error| Wrong::at(name, error.to_string()))
    }
}

impl FromRequest<Shared> for Form {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Shared) -> Result<Self, Response> {
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !is_form(content_type) {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(page::problem(status, "No form", "The portal takes forms only."));
        }
        match Bytes::from_request(request, app).await {
            Ok(body) => Ok(Self(form_urlencoded::parse(&body).into_owned().collect())),
            Err(rejection) => {
                Err(page::problem(rejection.status(), "Too much", "A form of up to 64 KiB is taken."))
            }
        }
    }
}

/// Why a form was refused.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Which field; empty where none of them is wrong by itself.
    key: &'static str,
    words: String,
}

impl Wrong {
    pub(super) fn at(key: &'static str, words: impl Into<String>) -> Self {
        Self { key, words: words.into() }
    }

    pub(super) fn anywhere(words: impl Into<String>) -> Self {
        Self::at("", words)
    }

    pub(super) fn key(&self) -> &'static str {
        self.key
    }

    pub(super) fn words(&self) -> &str {
        &self.words
    }

    /// Another field stands for `key` in this form.
    pub(super) fn meaning(mut self, key: &'static str, field: &'static str) -> Self {
        if self.key == key {
            self.key = field;
        }
        self
    }
}

impl From<ControlError> for Wrong {
    fn from(error: ControlError) -> Self {
        let key = error.key().unwrap_or("");
        match error {
            ControlError::Rule(ConfigError::Contradiction { problem, .. }) => Self::at(key, problem),
            other => Self::anywhere(other.to_string()),
        }
    }
}
