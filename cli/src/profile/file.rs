//! The profile file as it is written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use grantline::ClientAuthenticationMethod;
use serde::Deserialize;
use toml::Spanned;

use super::secret::SecretSource;
use crate::failure::Failure;

/// All of it. Unknown keys are refused at every level.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) default: Option<Spanned<String>>,
    #[serde(default, rename = "profile")]
    pub(super) profiles: BTreeMap<String, Entry>,
}

/// One profile.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) provider: Spanned<String>,
    pub(crate) behaves_like: Option<Likeness>,
    #[serde(rename = "type")]
    pub(crate) kind: Kind,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<SecretSource>,
    pub(crate) client_authentication: Option<Authentication>,
    #[serde(default)]
    pub(crate) scopes: Vec<String>,
    /// What becomes of a refresh token that was used, as it is set at the provider.
    pub(crate) refresh: Option<Refresh>,
    /// For how long after its use one for one use is taken again, as it is set at the provider.
    pub(crate) refresh_grace_s: Option<u64>,
    pub(crate) tenant_id: Option<String>,
    pub(super) tenant_parameter: Option<String>,
    pub(super) resource: Option<String>,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) post_logout_redirect_uri: Option<String>,
    #[serde(default)]
    pub(crate) api_origins: Vec<String>,
    pub(crate) store: Option<StoreLocation>,
    pub(crate) sealing_key: Option<SecretSource>,
}

/// The application's type, as it is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Service,
    Web,
    Native,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Web => "web",
            Self::Native => "native",
        }
    }
}

/// Whose ways a server at another address has: the emulator's.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Likeness {
    VismaConnect,
}

/// How the client proves who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Authentication {
    Basic,
    Post,
}

impl Authentication {
    /// As the profile has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Post => "post",
        }
    }

    /// As a provider's metadata have it.
    pub(crate) fn method(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::Post => "client_secret_post",
        }
    }

    pub(crate) fn of_library(self) -> ClientAuthenticationMethod {
        match self {
            Self::Basic => ClientAuthenticationMethod::ClientSecretBasic,
            Self::Post => ClientAuthenticationMethod::ClientSecretPost,
        }
    }
}

/// What a refresh does to the refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Refresh {
    OneTime,
    ReUse,
}

/// Where sessions are kept.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StoreLocation {
    Sqlite(PathBuf),
    Redis(SecretSource),
    Postgres(SecretSource),
}

pub(super) fn read(path: &Path, text: &str) -> Result<File, Failure> {
    toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        let problem = error.message();
        refused(path, text, offset, &without_value(problem), advice(problem))
    })
}

/// The parser's message, less the value that it quotes: that might be a secret, as in the URL of a store.
fn without_value(problem: &str) -> Cow<'_, str> {
    let quotes =
        ["unknown variant", "invalid type", "invalid value"].iter().any(|kind| problem.starts_with(kind));
    match problem.rsplit_once(", expected ") {
        Some((_, expected)) if quotes => {
            format!("the value is none of this key's: expected {expected}").into()
        }
        _ => problem.into(),
    }
}

/// The parser says what is wrong; this says what to write instead.
fn advice(problem: &str) -> &'static str {
    match problem {
        _ if problem.contains(super::secret::IN_CLEAR) => super::secret::INSTEAD,
        _ if problem.contains("duplicate") => "give each profile a name of its own, and each key one line",
        _ if problem.contains("unknown field") => {
            "correct the key or remove it: `grantline init --print` shows every key and its meaning"
        }
        _ if problem.contains("missing field") => "add it: `grantline init --print` shows every key",
        _ => "correct the line: `grantline init --print` shows how each key is written",
    }
}

/// A refusal with the file and the line.
pub(super) fn refused(path: &Path, text: &str, offset: usize, what: &str, advice: &str) -> Failure {
    let line = text.get(..offset).unwrap_or(text).matches('\n').count() + 1;
    let what = format!("{}, line {line}: {what}", path.display());
    Failure::configuration("profile_invalid", what, advice)
}
