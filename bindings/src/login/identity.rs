//! Who logged in.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use grantline::core::BearerToken;
use grantline::{AwsLcVerifier, KeySet, RawIdToken, UnixMillis};
use serde_json::{Map, Value};

use crate::error::NativeError;
use crate::provider::Registration;

/// What a valid ID token says. An object, since a record prints all that it holds.
#[derive(Debug, uniffi::Object)]
pub struct IdTokenClaims(pub(crate) grantline::IdTokenClaims);

/// JSON, as it stands in a claim.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum JsonValue {
    /// `null`.
    Nothing,
    /// `true` or `false`.
    Truth {
        /// Which of them.
        value: bool,
    },
    /// A whole number of 64 bits.
    Whole {
        /// The number.
        value: i64,
    },
    /// Any other number.
    Fraction {
        /// The number.
        value: f64,
    },
    /// A text.
    Text {
        /// The text.
        value: String,
    },
    /// An array.
    Items {
        /// Its items.
        values: Vec<JsonValue>,
    },
    /// An object.
    Members {
        /// Its members.
        values: HashMap<String, JsonValue>,
    },
}

#[uniffi::export]
impl IdTokenClaims {
    /// Who issued it.
    pub fn issuer(&self) -> String {
        self.0.issuer().to_owned()
    }

    /// The user.
    pub fn subject(&self) -> String {
        self.0.subject().to_owned()
    }

    /// For whom it is.
    pub fn audience(&self) -> Vec<String> {
        self.0.audience().to_vec()
    }

    /// When it stops being good, in milliseconds since 1970.
    pub fn expires_at_ms(&self) -> u64 {
        self.0.expires_at().0
    }

    /// When it was issued, in milliseconds since 1970.
    pub fn issued_at_ms(&self) -> u64 {
        self.0.issued_at().0
    }

    /// When the user logged in, in milliseconds since 1970.
    pub fn auth_time_ms(&self) -> Option<u64> {
        self.0.auth_time().map(|time| time.0)
    }

    /// How surely the user was identified.
    pub fn acr(&self) -> Option<String> {
        self.0.acr().map(str::to_owned)
    }

    /// By what means the user was identified.
    pub fn amr(&self) -> Vec<String> {
        self.0.amr().to_vec()
    }

    /// The user's session at the provider.
    pub fn session_id(&self) -> Option<String> {
        self.0.session_id().map(str::to_owned)
    }

    /// Where the user was identified.
    pub fn identity_provider(&self) -> Option<String> {
        self.0.identity_provider().map(str::to_owned)
    }

    /// The user's last login before this one.
    pub fn last_login_time(&self) -> Option<JsonValue> {
        self.0.last_login_time().map(JsonValue::from)
    }

    /// The customer whose data the user chose.
    pub fn tenant_id(&self) -> Option<String> {
        self.0.tenant_id().map(str::to_owned)
    }

    /// Any further claim.
    pub fn claim(&self, name: &str) -> Option<JsonValue> {
        self.0.claim(name).map(JsonValue::from)
    }

    /// All further claims.
    pub fn further_claims(&self) -> HashMap<String, JsonValue> {
        JsonValue::members(self.0.further_claims())
    }
}

impl JsonValue {
    /// The members of an object.
    pub(crate) fn members(object: &Map<String, Value>) -> HashMap<String, Self> {
        object.iter().map(|(name, value)| (name.clone(), value.into())).collect()
    }
}

impl From<&Value> for JsonValue {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Nothing,
            Value::Bool(value) => Self::Truth { value: *value },
            Value::Number(number) => match number.as_i64() {
                Some(value) => Self::Whole { value },
                None => Self::Fraction { value: number.as_f64().unwrap_or(f64::NAN) },
            },
            Value::String(text) => Self::Text { value: text.clone() },
            Value::Array(items) => Self::Items { values: items.iter().map(Self::from).collect() },
            Value::Object(object) => Self::Members { values: Self::members(object) },
        }
    }
}

/// What a login expects of its ID token. It may hold an access token.
#[derive(Debug, uniffi::Object)]
pub struct IdTokenExpectations(grantline::IdTokenExpectations);

#[uniffi::export]
impl IdTokenExpectations {
    /// What the authorization request sent; without a nonce, that it sent none.
    #[uniffi::constructor]
    pub fn new(
        nonce: Option<String>,
        max_age_s: Option<u64>,
        acr_values: Option<String>,
        access_token: Option<String>,
    ) -> Arc<Self> {
        let mut expected = match nonce {
            Some(nonce) => grantline::IdTokenExpectations::nonce(nonce),
            None => grantline::IdTokenExpectations::expect_no_nonce(),
        };
        if let Some(seconds) = max_age_s {
            expected = expected.max_age(Duration::from_secs(seconds));
        }
        if let Some(values) = acr_values {
            expected = expected.acr_values(values);
        }
        if let Some(token) = access_token {
            expected = expected.access_token(BearerToken::new(token));
        }
        Arc::new(Self(expected))
    }
}

#[uniffi::export]
impl Registration {
    /// Verifies an ID token with keys that are at hand, and checks everything that it says.
    pub fn check_id_token(
        &self,
        id_token: String,
        key_set: &str,
        expected: &IdTokenExpectations,
        now_ms: u64,
    ) -> Result<IdTokenClaims, NativeError> {
        let token = RawIdToken::new(id_token);
        let keys = KeySet::from_json(key_set)?;
        let claims = self.0.check_id_token(
            &token,
            &keys,
            &expected.0,
            &AwsLcVerifier::default(),
            UnixMillis(now_ms),
        )?;
        Ok(IdTokenClaims(claims))
    }
}
