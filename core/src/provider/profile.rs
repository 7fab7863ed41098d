//! A provider's peculiarities as data. No flow asks which provider it talks to.

use std::borrow::Cow;

use crate::error::{Advice, Endpoint};

/// How a confidential client proves who it is at the token endpoint (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClientAuthenticationMethod {
    /// `client_secret_basic`: an Authorization header.
    ClientSecretBasic,
    /// The same without the form encoding that RFC 6749 section 2.3.1 asks for, for servers that do not undo it. Only a
    /// secret with other characters than letters, digits and `-._` makes a difference.
    ClientSecretBasicUnencoded,
    /// `client_secret_post`: parameters of the form.
    ClientSecretPost,
    /// `none`: only the client id, for public clients.
    None,
}

/// What was asked for when an error came: the same code means different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    /// A service token, without naming a tenant.
    ServiceToken,
    /// A service token for a tenant that the request names.
    TenantToken,
    /// The user's login, up to the callback.
    Login,
    /// The exchange of a code.
    CodeExchange,
    /// A refresh.
    Refresh,
    /// The revocation of a refresh token.
    Revocation,
    /// What the server knows of a token.
    Introspection,
    /// The user's claims.
    UserInfo,
}

/// What a profile knows of one error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    error: &'static str,
    asking: Asking,
    advice: Advice,
    text: &'static str,
}

/// What is peculiar to a provider.
#[allow(clippy::struct_excessive_bools, reason = "each is a peculiarity by itself")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    /// The method for clients with a secret that chose none, if not as the server's metadata offer.
    pub(crate) secret_method: Option<ClientAuthenticationMethod>,
    /// Whether a public client revokes with Basic authentication and an empty secret, instead of its client id.
    pub(crate) public_clients_revoke_by_basic: bool,
    /// The claim of an access token that names its tenant.
    pub(crate) tenant_claim: Option<&'static str>,
    /// The parameter that names a service token's tenant.
    pub(crate) tenant_parameter: Option<Cow<'static, str>>,
    /// Whether error callbacks carry `iss` where the metadata promises it (RFC 9207 section 2 says so).
    pub(crate) issuer_on_errors: bool,
    /// Whether `offline_access` needs `prompt=consent` (OpenID Connect Core section 11).
    pub(crate) offline_access_needs_consent: bool,
    /// Whether the `acr` of an ID token is one of the `acr_values` that were asked for.
    pub(crate) acr_names_what_was_asked: bool,
    /// The errors of a refresh after which the refresh token is dead.
    pub(crate) ends_session: &'static [&'static str],
    hints: &'static [Hint],
}

const APPROVAL: &str = "The tenant's administrator must approve this application first: in the Developer Portal, My Applications > Integration > Customers shows which tenants have. Changes there take 1-2 minutes to spread, changes of roles and licences 10-15 minutes";
const TENANT_NEEDED: &str = "The request named no tenant, and a tenant-based API needs one: name a tenant that has approved this application (Developer Portal, My Applications > Integration > Customers; a change takes 1-2 minutes to spread), or give the application a default tenant. If the API is not tenant-based, check that the application is registered as a service integration with these scopes";
const ROLE: &str = "The user lacks the API's role or licence in this tenant: its administrator can grant it; a change takes 10-15 minutes to spread";
const CONSENT_AGAIN: &str =
    "A scope that the user had granted was since removed from the application: let the user log in again";

const VISMA_HINTS: &[Hint] = &[
    hint("invalid_tenant", Asking::TenantToken, Advice::AskAdministrator, APPROVAL),
    hint("access_denied", Asking::TenantToken, Advice::AskAdministrator, APPROVAL),
    hint("unauthorized_client", Asking::TenantToken, Advice::AskAdministrator, APPROVAL),
    hint("invalid_grant", Asking::TenantToken, Advice::AskAdministrator, APPROVAL),
    hint("invalid_tenant", Asking::ServiceToken, Advice::AskAdministrator, TENANT_NEEDED),
    hint("access_denied", Asking::ServiceToken, Advice::AskAdministrator, TENANT_NEEDED),
    hint("unauthorized_client", Asking::ServiceToken, Advice::AskAdministrator, TENANT_NEEDED),
    hint("invalid_grant", Asking::ServiceToken, Advice::AskAdministrator, TENANT_NEEDED),
    hint("invalid_request", Asking::ServiceToken, Advice::FixConfiguration, TENANT_NEEDED),
    hint("invalid_tenant", Asking::CodeExchange, Advice::AskAdministrator, ROLE),
    hint("invalid_tenant", Asking::Refresh, Advice::AskAdministrator, ROLE),
    hint("invalid_tenant", Asking::Login, Advice::AskAdministrator, ROLE),
    hint("invalid_scope", Asking::Refresh, Advice::LogInAgain, CONSENT_AGAIN),
];

const CLIENT: &str = "Check, in this order: the client id and the client secret, whole and without space around them; that both are of this environment, since each has its own; that the client is registered for the authentication method that is used";
const CODE: &str = "Mostly a code that was sent before, by a callback that came twice, or that has expired, minutes after it was issued; else the redirect URI, the client or the code verifier is not that of the login's beginning. Begin a new login";
const REFRESH_TOKEN: &str = "Mostly a refresh token that was used before and replaced, by another process or from a copy of the store; else it was revoked or has expired. Log the user in again";
const OPENID: &str =
    "The UserInfo endpoint answers tokens with the scope openid: log in with the scope openid";

impl Asking {
    /// Who is asked.
    pub(crate) fn endpoint(self) -> Endpoint {
        match self {
            Self::Login => Endpoint::Authorization,
            Self::ServiceToken | Self::TenantToken | Self::CodeExchange | Self::Refresh => Endpoint::Token,
            Self::Revocation => Endpoint::Revocation,
            Self::Introspection => Endpoint::Introspection,
            Self::UserInfo => Endpoint::UserInfo,
        }
    }
}

impl Profile {
    /// What the RFCs say.
    pub(crate) fn standard() -> Self {
        Self {
            secret_method: None,
            public_clients_revoke_by_basic: false,
            tenant_claim: None,
            tenant_parameter: None,
            issuer_on_errors: true,
            offline_access_needs_consent: true,
            acr_names_what_was_asked: true,
            ends_session: &["invalid_grant"],
            hints: &[],
        }
    }

    /// Visma Connect, as docs/visma.md describes it.
    pub(crate) fn visma_connect() -> Self {
        Self {
            secret_method: Some(ClientAuthenticationMethod::ClientSecretPost),
            public_clients_revoke_by_basic: true,
            tenant_claim: Some("tenant_id"),
            tenant_parameter: Some(Cow::Borrowed("tenant_id")),
            issuer_on_errors: false,
            offline_access_needs_consent: false,
            acr_names_what_was_asked: false,
            ends_session: &["invalid_grant", "invalid_scope"],
            hints: VISMA_HINTS,
        }
    }

    /// What to do about a server's error, and what there is to know about it here.
    pub(crate) fn advise(&self, error: &str, asking: Asking) -> (Advice, Option<&'static str>) {
        match self.hints.iter().find(|hint| hint.error == error && hint.asking == asking) {
            Some(hint) => (hint.advice, Some(hint.text)),
            None => (standard_advice(error, asking), standard_hint(error, asking)),
        }
    }
}

const fn hint(error: &'static str, asking: Asking, advice: Advice, text: &'static str) -> Hint {
    Hint { error, asking, advice, text }
}

/// The errors of RFC 6749 sections 4.1.2.1 and 5.2, of RFC 7009 section 2.2.1 and of OpenID Connect Core section
/// 3.1.2.6.
fn standard_advice(error: &str, asking: Asking) -> Advice {
    match error {
        // No user takes part who could log in again.
        "invalid_grant" | "access_denied" if matches!(asking, Asking::ServiceToken | Asking::TenantToken) => {
            Advice::AskAdministrator
        }
        "server_error" | "temporarily_unavailable" => Advice::Retry { after: None },
        // The token is not good, and another one is.
        "invalid_token" if asking == Asking::UserInfo => Advice::Retry { after: None },
        "invalid_grant"
        | "access_denied"
        | "login_required"
        | "interaction_required"
        | "consent_required"
        | "account_selection_required"
        | "unmet_authentication_requirements" => Advice::LogInAgain,
        "invalid_request"
        | "invalid_client"
        | "unauthorized_client"
        | "unsupported_grant_type"
        | "unsupported_response_type"
        | "unsupported_token_type"
        | "invalid_scope"
        | "insufficient_scope"
        | "invalid_target"
        | "invalid_dpop_proof"
        | "use_dpop_nonce" => Advice::FixConfiguration,
        _ => Advice::AskAdministrator,
    }
}

/// What mostly lies behind errors that many servers send without a word more, the likeliest first.
fn standard_hint(error: &str, asking: Asking) -> Option<&'static str> {
    match (error, asking) {
        ("invalid_client", _) => Some(CLIENT),
        ("invalid_grant", Asking::CodeExchange) => Some(CODE),
        ("invalid_grant", Asking::Refresh) => Some(REFRESH_TOKEN),
        ("insufficient_scope", Asking::UserInfo) => Some(OPENID),
        _ => None,
    }
}
