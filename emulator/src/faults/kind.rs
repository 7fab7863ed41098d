//! The faults by name.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{FaultError, Reply};

/// What goes wrong. A request meets the oldest fault of each sort that is meant for it: of latency, of the answer
/// (`status`, `html`, `oversized-body`, `reply`), of its way back (`truncated-body`, `slow-body`, `lost-request`,
/// `lost-reply`), and of each thing that is in the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum FaultKind {
    /// The answer is held back, after the request was processed and its tokens were rotated.
    Latency {
        /// In milliseconds of real time.
        ms: u64,
    },
    /// A refusal with this status in the place of the answer; the request is not processed.
    Status {
        /// 400 to 599.
        code: u16,
        /// The `Retry-After` header field, word for word: seconds, a date, or neither.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<String>,
    },
    /// 200 with an HTML page in the place of the answer; the request is not processed.
    Html,
    /// 200 with a JSON text that begins well and goes on; the request is not processed.
    OversizedBody {
        /// How long, in bytes.
        bytes: u64,
    },
    /// The request is processed, half of the answer's body is sent, and the connection closed.
    TruncatedBody,
    /// The request is processed, and the answer's body comes byte by byte.
    SlowBody {
        /// How long each byte takes, in milliseconds of real time.
        byte_every_ms: u64,
    },
    /// The connection is closed, and the request not processed.
    LostRequest,
    /// The request is processed, its tokens are rotated, and the connection is closed in the place of the answer.
    LostReply,
    /// A reply word for word.
    Reply(Reply),
    /// In the next ID tokens.
    IdToken(IdTokenFault),
    /// In the next access tokens.
    AccessToken(AccessTokenFault),
    /// In the metadata document.
    Discovery(DiscoveryFault),
    /// In the key set.
    Jwks(JwksFault),
    /// In answers of the userinfo endpoint.
    Userinfo(UserinfoFault),
    /// In the next logout tokens.
    LogoutToken(LogoutTokenFault),
    /// In the next webhooks.
    Webhook(WebhookFault),
}

/// How an ID token is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IdTokenFault {
    /// There is none, though `openid` was granted.
    Missing,
    /// `iss` is another server.
    WrongIssuer,
    /// `iss` has a slash at its end.
    IssuerWithSlash,
    /// `aud` is another client.
    WrongAudience,
    /// `aud` is a list of this client and a stranger, without `azp`.
    TwoAudiences,
    /// `azp` is another client.
    WrongAuthorizedParty,
    /// `nonce` is another.
    WrongNonce,
    /// No `nonce`.
    NoNonce,
    /// `kid` is of no published key.
    UnknownKid,
    /// No `kid`.
    NoKid,
    /// Well signed, with an algorithm that the client is not registered for.
    WrongAlg,
    /// `alg` is `none`, and there is no signature.
    AlgNone,
    /// `alg` is `HS256`, and the key the PEM file of the RSA public key.
    #[serde(rename = "hs256-with-public-key")]
    Hs256WithPublicKey,
    /// `alg` is `HS256`, and the key the client's secret.
    #[serde(rename = "hs256-with-client-secret")]
    Hs256WithClientSecret,
    /// One bit of the signature is changed.
    BrokenSignature,
    /// No signature, whatever `alg` says.
    NoSignature,
    /// `crit` names what nobody knows.
    UnknownCrit,
    /// `typ` is that of an access token.
    AccessTokenType,
    /// `exp` was an hour ago.
    Expired,
    /// No `exp`.
    NoExpiry,
    /// `iat` is in an hour.
    IssuedInFuture,
    /// `nbf` is in an hour.
    NotYetValid,
    /// `sub` is another user.
    OtherSubject,
    /// No `sub`.
    NoSubject,
    /// `at_hash` is of another access token.
    WrongAtHash,
    /// No `at_hash`.
    NoAtHash,
    /// `auth_time` was a day ago.
    OldAuthTime,
    /// No `auth_time`.
    NoAuthTime,
    /// `acr` is 0.
    WrongAcr,
    /// No `acr`.
    NoAcr,
}

/// How an access token is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AccessTokenFault {
    /// `tenant_id` is another tenant, also where none was asked for.
    OtherTenant,
    /// No `tenant_id`.
    NoTenant,
    /// Not a JWT; the emulator's own endpoints do not know it either.
    Opaque,
}

/// How the metadata document is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DiscoveryFault {
    /// `issuer` is another server.
    WrongIssuer,
    /// `issuer` has a slash at its end.
    IssuerWithSlash,
    /// `token_endpoint` is plain http on another host.
    InsecureTokenEndpoint,
    /// No `jwks_uri`.
    NoJwksUri,
}

/// How the key set is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JwksFault {
    /// No key.
    Empty,
    /// Keys without `kid`.
    NoKids,
    /// Before the good keys: one of an unknown type, one for encryption, one that is broken.
    OddKeys,
}

/// How an answer of the userinfo endpoint is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UserinfoFault {
    /// `sub` is another user.
    OtherSubject,
    /// No `sub`.
    NoSubject,
}

/// How a logout token is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LogoutTokenFault {
    /// `alg` is `none`, and there is no signature.
    AlgNone,
    /// One bit of the signature is changed.
    BrokenSignature,
    /// `iss` is another server.
    WrongIssuer,
    /// `aud` is another client.
    WrongAudience,
    /// With a `nonce`.
    WithNonce,
    /// No `events`.
    NoEvents,
    /// `events` names something else.
    OtherEvent,
    /// Neither `sub` nor `sid`.
    NoSubjectAndSession,
    /// `exp` was an hour ago.
    Expired,
    /// No `jti`.
    NoJti,
    /// `typ` is that of an ID token.
    IdTokenType,
}

/// How a webhook is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookFault {
    /// Signed with another secret.
    WrongSignature,
    /// Not signed.
    NoSignature,
    /// One byte was added to the body after it was signed.
    AlteredBody,
}

impl FaultKind {
    /// Whether it is a fault of an endpoint.
    pub(super) fn has_a_path(&self) -> bool {
        matches!(
            self,
            Self::Latency { .. }
                | Self::Status { .. }
                | Self::Html
                | Self::OversizedBody { .. }
                | Self::TruncatedBody
                | Self::SlowBody { .. }
                | Self::LostRequest
                | Self::LostReply
                | Self::Reply(_)
                | Self::Discovery(_)
        )
    }

    pub(super) fn has_a_client(&self) -> bool {
        !matches!(self, Self::Discovery(_) | Self::Jwks(_))
    }

    pub(super) fn check(&self) -> Result<(), FaultError> {
        match self {
            Self::Status { code, .. } if !(400..600).contains(code) => Err(FaultError::Code(*code)),
            _ => self.answer().map_or(Ok(()), |answer| answer.map(drop)),
        }
    }
}
