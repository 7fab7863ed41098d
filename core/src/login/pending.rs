//! A login that waits for its callback, as data: it survives the process, and moves between servers.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::request::ResponseMode;
use crate::error::{Error, Misuse};
use crate::scopes::Scopes;
use crate::secret::{CodeVerifier, SecretText};
use crate::session::SessionId;
use crate::time::UnixMillis;

/// A login in progress. Keep it where only the application can read it, under its [`state`](Self::state), and
/// hand it over when the callback comes. It holds the proof key, so it is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct PendingLogin {
    pub(crate) issuer: String,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) response_mode: ResponseMode,
    pub(crate) state: String,
    pub(crate) nonce: Option<String>,
    pub(crate) code_verifier: Option<CodeVerifier>,
    pub(crate) binding_hash: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) max_age_s: Option<u64>,
    pub(crate) acr_values: Option<String>,
    /// Whether other values than those will do as well.
    pub(crate) acr_is_voluntary: bool,
    /// Whether the server promised to name itself in the callback (RFC 9207). `None`: written by an older release.
    pub(crate) promises_issuer: Option<bool>,
    pub(crate) session: SessionId,
    pub(crate) app_data: Option<String>,
    pub(crate) began: UnixMillis,
    pub(crate) expires: UnixMillis,
}

/// The record as it is written, version 1. Members may be added; none changes its meaning within a version.
#[derive(Serialize, Deserialize)]
struct RecordV1 {
    v: u64,
    issuer: String,
    client_id: String,
    redirect_uri: String,
    response_mode: String,
    state: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code_verifier: Option<Zeroizing<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    binding_hash: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    resources: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_age_s: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    acr_values: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    acr_is_voluntary: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    promises_issuer: Option<bool>,
    session: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    app_data: Option<String>,
    began_ms: u64,
    expires_ms: u64,
}

#[derive(Deserialize)]
struct AnyVersion {
    v: u64,
}

impl PendingLogin {
    /// The `state` parameter: the key under which the application keeps this record.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// When it stops being good, in milliseconds since 1970.
    pub fn expires_at(&self) -> UnixMillis {
        self.expires
    }

    /// The redirect URI of this login.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// How the answer comes back.
    pub fn response_mode(&self) -> ResponseMode {
        self.response_mode
    }

    /// The scopes that it asked for.
    pub(super) fn scopes(&self) -> Scopes {
        self.scope.as_deref().and_then(Scopes::granted).unwrap_or_else(Scopes::all_allowed)
    }

    /// The record to keep: JSON text that begins with its version. A secret.
    pub fn to_record(&self) -> Result<SecretText, Error> {
        let record = RecordV1 {
            v: 1,
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            redirect_uri: self.redirect_uri.clone(),
            response_mode: self.response_mode.as_str().to_owned(),
            state: self.state.clone(),
            nonce: self.nonce.clone(),
            code_verifier: self.code_verifier.as_ref().map(|v| Zeroizing::new(v.expose_secret().to_owned())),
            binding_hash: self.binding_hash.clone(),
            scope: self.scope.clone(),
            resources: self.resources.clone(),
            max_age_s: self.max_age_s,
            acr_values: self.acr_values.clone(),
            acr_is_voluntary: self.acr_is_voluntary,
            promises_issuer: self.promises_issuer,
            session: self.session.as_str().to_owned(),
            app_data: self.app_data.clone(),
            began_ms: self.began.0,
            expires_ms: self.expires.0,
        };
        serde_json::to_string(&record)
            .map(SecretText::new)
            .map_err(|_| Error::broken("a pending login could not be written as JSON"))
    }

    /// Reads a record that [`to_record`](Self::to_record) wrote, by this release or an older one.
    ///
    /// Errors: `record_malformed`, `record_too_new`.
    pub fn from_record(record: &str) -> Result<Self, Error> {
        let AnyVersion { v } = serde_json::from_str(record).map_err(|_| Misuse::RecordMalformed)?;
        match v {
            1 => serde_json::from_str::<RecordV1>(record).map_err(|_| Misuse::RecordMalformed)?.try_into(),
            0 => Err(Misuse::RecordMalformed.into()),
            newer => Err(Misuse::RecordTooNew { version: newer }.into()),
        }
    }
}

/// Without state, nonce and proof key: whoever reads them in a log could take the login over.
impl std::fmt::Debug for PendingLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PendingLogin")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .field("redirect_uri", &self.redirect_uri)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

impl TryFrom<RecordV1> for PendingLogin {
    type Error = Error;

    fn try_from(record: RecordV1) -> Result<Self, Error> {
        let response_mode = match record.response_mode.as_str() {
            "query" => ResponseMode::Query,
            "form_post" => ResponseMode::FormPost,
            _ => return Err(Misuse::RecordMalformed.into()),
        };
        Ok(Self {
            issuer: record.issuer,
            client_id: record.client_id,
            redirect_uri: record.redirect_uri,
            response_mode,
            state: record.state,
            nonce: record.nonce,
            code_verifier: record.code_verifier.map(|verifier| CodeVerifier::new(verifier.as_str())),
            binding_hash: record.binding_hash,
            scope: record.scope,
            resources: record.resources,
            max_age_s: record.max_age_s,
            acr_values: record.acr_values,
            acr_is_voluntary: record.acr_is_voluntary,
            promises_issuer: record.promises_issuer,
            session: SessionId::new(record.session).map_err(|_| Misuse::RecordMalformed)?,
            app_data: record.app_data,
            began: UnixMillis(record.began_ms),
            expires: UnixMillis(record.expires_ms),
        })
    }
}
