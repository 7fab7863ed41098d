//! Who logged in.

use std::time::SystemTime;

use grantline::core::BearerToken;
use grantline::{AwsLcVerifier, KeySet, RawIdToken};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::Value;

use crate::application::registration;
use crate::arguments::Span;
use crate::error::raised;
use crate::json;
use crate::provider::Provider;
use crate::token::{moment, moment_or_now};

/// What a valid ID token says of the user who logged in (OpenID Connect Core section 2).
///
/// `issuer` and `subject` together identify the user; an email address does not (section 5.7). It prints no other claim
/// than issuer, subject and audience.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct IdTokenClaims(pub(crate) grantline::IdTokenClaims);

#[pymethods]
impl IdTokenClaims {
    /// Who issued it (`iss`).
    #[getter]
    fn issuer(&self) -> &str {
        self.0.issuer()
    }

    /// The user, by a name that the issuer gives to nobody else (`sub`).
    #[getter]
    fn subject(&self) -> &str {
        self.0.subject()
    }

    /// For whom it is (`aud`).
    #[getter]
    fn audience(&self) -> Vec<&str> {
        self.0.audience().iter().map(String::as_str).collect()
    }

    /// When it stops being good (`exp`), in UTC. It says nothing of the session's end.
    #[getter]
    fn expires_at(&self) -> SystemTime {
        moment(self.0.expires_at())
    }

    /// When it was issued (`iat`), in UTC.
    #[getter]
    fn issued_at(&self) -> SystemTime {
        moment(self.0.issued_at())
    }

    /// When the user logged in (`auth_time`), in UTC.
    #[getter]
    fn auth_time(&self) -> Option<SystemTime> {
        self.0.auth_time().map(moment)
    }

    /// How surely the user was identified (`acr`). Visma Connect writes a small whole number.
    #[getter]
    fn acr(&self) -> Option<&str> {
        self.0.acr()
    }

    /// By what means the user was identified (`amr`; RFC 8176).
    #[getter]
    fn amr(&self) -> Vec<&str> {
        self.0.amr().iter().map(String::as_str).collect()
    }

    /// The user's session at the provider (`sid`).
    #[getter]
    fn session_id(&self) -> Option<&str> {
        self.0.session_id()
    }

    /// Where the user was identified (`idp`, Visma Connect).
    #[getter]
    fn identity_provider(&self) -> Option<&str> {
        self.0.identity_provider()
    }

    /// The user's last login before this one (`llt`, Visma Connect), as it stands there.
    #[getter]
    fn last_login_time<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.last_login_time().map(|value| json::loaded(py, value)).transpose()
    }

    /// The customer whose data the user chose (`tenant_id`, Visma Connect).
    #[getter]
    fn tenant_id(&self) -> Option<&str> {
        self.0.tenant_id()
    }

    /// Any further claim, as `json.loads` gives it; `None` where it is not there. Text in it is the provider's, and
    /// through it perhaps the user's: escape it.
    fn claim<'py>(&self, py: Python<'py>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.0.claim(name).map(|value| json::loaded(py, value)).transpose()
    }

    /// All claims that have no property of their own in the standard, as a new dictionary.
    #[getter]
    fn further_claims<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::loaded(py, &Value::Object(self.0.further_claims().clone()))
    }

    fn __repr__(&self) -> String {
        format!(
            "<grantline.IdTokenClaims issuer={:?} subject={:?} audience={:?} (redacted)>",
            self.0.issuer(),
            self.0.subject(),
            self.0.audience()
        )
    }
}

/// What a login expects of its ID token.
#[pyclass(frozen, module = "grantline")]
pub(crate) struct IdTokenExpectations(grantline::IdTokenExpectations);

#[pymethods]
impl IdTokenExpectations {
    /// `nonce`: what the authorization request sent.
    ///
    /// `max_age`: how long ago the user may have logged in at most, as it was sent: a `timedelta`, or seconds.
    /// `acr_values`: the authentication contexts of which one has to be reached, separated by spaces.
    /// `access_token`: the access token that came with it, for its hash (`at_hash`).
    #[staticmethod]
    #[pyo3(signature = (nonce, *, max_age=None, acr_values=None, access_token=None))]
    fn nonce(
        nonce: String,
        max_age: Option<Span>,
        acr_values: Option<String>,
        access_token: Option<String>,
    ) -> Self {
        Self::with(grantline::IdTokenExpectations::nonce(nonce), max_age, acr_values, access_token)
    }

    /// The authorization request sent no nonce, so that nothing ties the ID token to it. One that has a nonce is refused.
    #[staticmethod]
    #[pyo3(signature = (*, max_age=None, acr_values=None, access_token=None))]
    fn expect_no_nonce(
        max_age: Option<Span>,
        acr_values: Option<String>,
        access_token: Option<String>,
    ) -> Self {
        Self::with(grantline::IdTokenExpectations::expect_no_nonce(), max_age, acr_values, access_token)
    }

    #[allow(clippy::unused_self, reason = "Python calls it on an object")]
    fn __repr__(&self) -> &'static str {
        "<grantline.IdTokenExpectations (redacted)>"
    }
}

impl IdTokenExpectations {
    fn with(
        mut expected: grantline::IdTokenExpectations,
        max_age: Option<Span>,
        acr_values: Option<String>,
        access_token: Option<String>,
    ) -> Self {
        if let Some(Span(age)) = max_age {
            expected = expected.max_age(age);
        }
        if let Some(values) = acr_values {
            expected = expected.acr_values(values);
        }
        if let Some(token) = access_token {
            expected = expected.access_token(BearerToken::new(token));
        }
        Self(expected)
    }
}

/// Verifies an ID token with keys that are at hand, and checks everything that it says. Logins do so by themselves, with
/// the keys that the provider publishes.
///
/// `id_token`: in the compact form. `expected`: what the login asked for. `provider`, `client_id`: whose it has to be.
/// `key_set`: the provider's, as JSON text (RFC 7517 section 5). `now`: a `datetime` with a time zone; by the clock
/// unless given. `id_token_algorithm`, `trusted_audiences`, `clock_tolerance`: as the applications take them.
///
/// Raises `ServerMisbehaved` (`id_token_...`, `key_set_malformed`) and `MisuseError` (`clock_tolerance_too_long`).
#[pyfunction]
#[pyo3(
    signature = (id_token, expected, *, provider, client_id, key_set, now=None, **settings),
    text_signature = "(id_token, expected, *, provider, client_id, key_set, now=None, id_token_algorithm=None, trusted_audiences=None, clock_tolerance=None)"
)]
pub(crate) fn check_id_token(
    id_token: String,
    expected: &IdTokenExpectations,
    provider: &Provider,
    client_id: String,
    key_set: &str,
    now: Option<SystemTime>,
    settings: Option<&Bound<'_, PyDict>>,
) -> PyResult<IdTokenClaims> {
    let registration = registration(provider, client_id, Vec::new(), settings)?;
    let token = RawIdToken::new(id_token);
    let keys = KeySet::from_json(key_set).map_err(raised)?;
    registration
        .check_id_token(&token, &keys, &expected.0, &AwsLcVerifier::default(), moment_or_now(now))
        .map(IdTokenClaims)
        .map_err(raised)
}
