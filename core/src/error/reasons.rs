//! The catalogue of refusals: one row a reason, with its stable code, the rule that it rests on, and
//! what to say.

use std::time::Duration;

use super::{Advice, ClockDifference, SignedToken};

/// One row of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// The stable code.
    pub code: &'static str,
    /// The RFC section, or this library's own rule.
    pub source: &'static str,
    /// The message, with its parameters in braces.
    pub message: &'static str,
}

macro_rules! reasons {
    (
        $(#[$doc:meta])*
        $name:ident {
            $( $variant:ident $({ $($field:ident : $type:ty),+ })? = $code:literal, $source:literal, $message:literal; )+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        #[allow(missing_docs, reason = "each field is explained by the message that it stands in")]
        pub enum $name {
            $( #[doc = concat!("`", $code, "` (", $source, "): ", $message, ".")] $variant $({ $($field: $type),+ })?, )+
        }

        impl $name {
            const REASONS: &'static [Reason] = &[
                $( Reason { code: $code, source: $source, message: $message }, )+
            ];

            /// One of each, with nothing in its fields.
            pub(super) fn samples() -> Vec<Self> {
                vec![ $( Self::$variant $({ $($field: Default::default()),+ })?, )+ ]
            }

            /// The stable code.
            pub fn code(&self) -> &'static str {
                match self { $( Self::$variant { .. } => $code, )+ }
            }

            /// The RFC section, or this library's own rule.
            pub fn source(&self) -> &'static str {
                match self { $( Self::$variant { .. } => $source, )+ }
            }
        }

        impl std::fmt::Display for $name {
            #[allow(unused_variables, reason = "a message need not show every field")]
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self { $( Self::$variant $({ $($field),+ })? => write!(f, $message), )+ }
            }
        }

        impl std::error::Error for $name {}
    };
}

reasons! {
    /// What arrived breaks a rule: nothing of it was used.
    Violation {
        StateMissing = "state_missing", "RFC 6749 section 4.1.2", "the callback has no state, so it cannot be tied to a login that began here";
        PastedNoCallback { redirect_uri: String } = "pasted_no_callback", "RFC 6749 section 4.1.2", "what was pasted is not the address that the browser ended at, or not the whole of it: copy it once more from the address bar, from {redirect_uri:?} to its end, with code and state in it";
        StateMismatch = "state_mismatch", "RFC 6749 section 10.12", "the callback's state is not that of this login: it belongs to another login, or was forged";
        BrowserMismatch = "browser_mismatch", "RFC 6749 section 10.12", "the callback came from a browser that did not begin this login: its binding cookie is missing or another's; with form_post the cookie needs SameSite=None and Secure";
        CallbackAlreadyUsed = "callback_already_used", "RFC 9700 section 4.2.4", "this login's callback was handled already; begin a new login";
        LoginUnknown = "login_unknown", "RFC 9700 section 4.2.4", "no login waits for this callback: it was handled already, has expired, or did not begin here; begin a new login";
        LoginExpired = "login_expired", "RFC 9700 section 4.2.4", "the callback came after the time limit of its login; begin a new login";
        LoginTimedOut { limit: Duration } = "login_timed_out", "RFC 8252 section 8.3", "nobody came back from the browser within {limit:?}: begin a new login. If the provider's page shows an error, it stands there alone and is not told to the application; an errorId on it, or in its address, is what the provider's support finds the cause by";
        DuplicateParameter { name: &'static str } = "duplicate_parameter", "RFC 6749 section 3.1", "the callback holds the parameter {name} more than once";
        CodeAndError = "code_and_error", "RFC 6749 section 4.1.2", "the callback holds both a code and an error";
        CodeMissing = "code_missing", "RFC 6749 section 4.1.2", "the callback holds neither a code nor an error";
        CodeMalformed = "code_malformed", "RFC 6749 section 4.1.2", "the callback's code is not text in UTF-8";
        CodeTooLong { length: usize, limit: usize } = "code_too_long", "RFC 6749 section 4.1.2", "the callback's code has {length} bytes; at most {limit} are accepted";
        CallbackTooLong { length: usize, limit: usize } = "callback_too_long", "RFC 6749 section 10.14", "the callback has {length} bytes; at most {limit} are read";
        MalformedErrorCode = "malformed_error_code", "RFC 6749 section 4.1.2.1", "the callback's error holds characters that an error code cannot have";
        ResponseModeMismatch { expected: &'static str, got: &'static str } = "response_mode_mismatch", "OAuth 2.0 Multiple Response Types section 2.1", "the login asked for response mode {expected}, and the callback came as {got}";
        RedirectUriMismatch { expected: String } = "redirect_uri_mismatch", "RFC 8252 section 8.10", "the callback did not arrive at this login's redirect URI {expected}";
        IssuerMismatch { expected: String, got: String } = "issuer_mismatch", "RFC 9207 section 2.4", "the callback names the issuer {got:?}, and this login began at {expected:?}: nothing was sent";
        IssuerMissing { expected: String } = "issuer_missing", "RFC 9207 section 2.4", "the callback names no issuer, although {expected} promises to";
        UnexpectedRedirect { status: u16 } = "unexpected_redirect", "RFC 9700 section 4.12", "the server answered with a redirect (HTTP status {status}), which is never followed with credentials";
        UnexpectedStatus { status: u16 } = "unexpected_status", "RFC 6749 section 5", "the server answered with HTTP status {status} and no OAuth error";
        ServerUnavailable { status: u16, after: Option<Duration> } = "server_unavailable", "RFC 9110 section 15.6", "the server cannot answer now (HTTP status {status})";
        NotJson { status: u16, content_type: String } = "not_json", "RFC 6749 section 5.1", "the server answered with {content_type:?} (HTTP status {status}) where JSON is due: is the address an OAuth endpoint?";
        MalformedJson { status: u16 } = "malformed_json", "RFC 6749 section 5.1", "the server's answer (HTTP status {status}) is not one JSON object in UTF-8, or repeats a member";
        MemberMissing { name: &'static str } = "member_missing", "RFC 6749 section 5.1", "the server's answer lacks {name}";
        MemberMalformed { name: &'static str } = "member_malformed", "RFC 6749 section 5.1", "{name} in the server's answer is not usable: of the wrong type, empty, too long or with forbidden characters";
        TokenTypeUnknown = "token_type_unknown", "RFC 6749 section 7.1", "the token response's token_type is not Bearer, so the token cannot be used";
        IdTokenMissing = "id_token_missing", "OpenID Connect Core section 3.1.3.3", "the login asked for openid, and the token response has no ID token";
        IdTokenMalformed { token: SignedToken, why: &'static str } = "id_token_malformed", "RFC 7519 section 7.2", "the {token} is none: {why}";
        IdTokenClaimMissing { token: SignedToken, name: &'static str } = "id_token_claim_missing", "OpenID Connect Core section 2", "the {token} lacks the claim {name}";
        IdTokenClaimMalformed { token: SignedToken, name: &'static str } = "id_token_claim_malformed", "OpenID Connect Core section 2", "the {token}'s claim {name} is not of the right type, empty, or out of bounds";
        IdTokenIssuerMismatch { token: SignedToken, expected: String, got: String } = "id_token_issuer_mismatch", "OpenID Connect Core section 3.1.3.7", "the {token} was issued by {got:?}, and {expected:?} was asked";
        IdTokenAudienceMismatch { token: SignedToken, expected: String } = "id_token_audience_mismatch", "OpenID Connect Core section 3.1.3.7", "the {token} is not for the client {expected}";
        IdTokenAudienceUntrusted { got: String } = "id_token_audience_untrusted", "OpenID Connect Core section 3.1.3.7", "the ID token is also for {got:?}, which the registration does not trust: say trust_audience if it is one of yours";
        IdTokenAuthorizedPartyMismatch = "id_token_authorized_party_mismatch", "OpenID Connect Core section 3.1.3.7", "the ID token's azp is not this client, or is missing where there are several audiences";
        IdTokenAlgorithm { token: SignedToken, expected: &'static str, got: String } = "id_token_algorithm_mismatch", "RFC 8725 section 3.1", "the {token} is signed by {got:?}, and the registration says {expected}";
        IdTokenKeyUnknown { token: SignedToken } = "id_token_key_unknown", "RFC 7515 section 4.1.4", "the {token} is signed with a key that the provider does not publish";
        IdTokenSignatureInvalid { token: SignedToken } = "id_token_signature_invalid", "RFC 7515 section 5.2", "the {token}'s signature is not the provider's";
        IdTokenOfAnotherKind { token: SignedToken } = "id_token_of_another_kind", "RFC 8725 section 3.11", "what stands in the place of the {token} is a signed token of another kind";
        IdTokenExpired { token: SignedToken, seconds: u64, clocks: ClockDifference } = "id_token_expired", "OpenID Connect Core section 3.1.3.7", "the {token} expired {seconds} s ago by this machine's clock{clocks}: is the clock right?";
        IdTokenFromTheFuture { token: SignedToken, seconds: u64, clocks: ClockDifference } = "id_token_from_the_future", "OpenID Connect Core section 3.1.3.7", "the {token} begins {seconds} s from now by this machine's clock{clocks}: is the clock right?";
        IdTokenAuthTooOld { seconds: u64, limit: u64 } = "id_token_auth_too_old", "OpenID Connect Core section 3.1.2.1", "the user logged in {seconds} s ago, and the login asked for {limit} s at most";
        IdTokenAcrMismatch { expected: String, got: String } = "id_token_acr_mismatch", "OpenID Connect Core section 5.5.1.1", "the user was identified by {got:?}, and the login asked for {expected:?}";
        IdTokenAccessTokenHashMismatch = "id_token_access_token_mismatch", "OpenID Connect Core section 3.1.3.8", "the ID token belongs to another access token than the one it came with (at_hash)";
        IdTokenCodeHashMismatch = "id_token_code_mismatch", "OpenID Connect Core section 3.3.2.10", "the ID token belongs to another code than the one that it was exchanged for (c_hash)";
        UserInfoSubjectMismatch = "user_info_subject_mismatch", "OpenID Connect Core section 5.3.2", "the UserInfo answer names another user than the ID token, or none: it is not used";
        UserInfoForbidden = "user_info_forbidden", "RFC 6750 section 3.1", "the UserInfo endpoint refused the token (HTTP status 403) without saying why, mostly since its login did not ask for the scope openid: log in with the scope openid";
        TenantMismatch { expected: String, got: String } = "tenant_mismatch", "Visma Connect, service integrations", "the token is for tenant {got:?}, and {expected} was asked for: it is not used. An application with a default tenant gets its token where no tenant is named";
        LogoutTokenMissing = "logout_token_missing", "OpenID Connect Back-Channel Logout section 2.5", "the logout request is no form with one logout_token, or is too long";
        LogoutTokenOfAnotherKind = "logout_token_of_another_kind", "OpenID Connect Back-Channel Logout section 2.6", "what stands in the place of the logout token is a signed token of another kind";
        LogoutTokenNamesNobody = "logout_token_names_nobody", "OpenID Connect Back-Channel Logout section 2.6", "the logout token names neither a user nor a session";
        LogoutTokenRepeated = "logout_token_repeated", "OpenID Connect Back-Channel Logout section 2.6", "the logout token was taken already";
        WebhookSignatureInvalid = "webhook_signature_invalid", "RFC 2104", "the webhook's signature is not that of this body and secret: is the secret the webhook's own, and the body as it arrived?";
        WebhookMalformed = "webhook_malformed", "Visma Developer Portal, webhooks", "the webhook's body is no JSON object, is too long, or lacks the tenant";
        KeySetMalformed = "key_set_malformed", "RFC 7517 section 5", "the provider's key set is no JSON object with a list of keys, or repeats a member";
        IdTokenNonceMismatch = "id_token_nonce_mismatch", "OpenID Connect Core section 3.1.3.7", "the ID token's nonce is not that of this login";
        IdTokenSubjectMismatch = "id_token_subject_mismatch", "OpenID Connect Core section 12.2", "the ID token is about another user";
        IdTokenClaimChanged { name: &'static str } = "id_token_claim_changed", "OpenID Connect Core section 12.2", "the ID token of a refresh has another {name} than the one before it";
        MetadataIssuerMismatch { expected: String, got: String } = "metadata_issuer_mismatch", "RFC 8414 section 3.3", "the metadata names the issuer {got:?}, and {expected:?} was asked for: the document is not used. If {got:?} is the server that you mean, write its issuer so, character by character";
        MetadataMalformed { name: &'static str } = "metadata_malformed", "RFC 8414 section 3.2", "the metadata's {name} is missing or not usable";
    }
}

reasons! {
    /// What the application asked for is not allowed; nothing was sent.
    Misuse {
        ClientIdMissing = "client_id_missing", "RFC 6749 section 2.2", "the client id is empty: take it from the provider's registration";
        ClientSecretMissing { application: &'static str } = "client_secret_missing", "RFC 6749 section 2.1", "a {application} is a confidential client and needs its client secret";
        SecretForPublicClient { application: &'static str } = "secret_for_public_client", "RFC 8252 section 8.5", "a {application} is a public client: what is shipped to users cannot keep a secret. Remove the client secret, or register another application type";
        EmptyScopes = "empty_scopes", "RFC 6749 section 3.3", "the list of scopes is empty: name at least one, or say all_allowed";
        InvalidScope { scope: String } = "invalid_scope_value", "RFC 6749 section 3.3", "{scope:?} is not one scope: it is empty, or holds a space, a quote, a backslash or a character outside ASCII";
        ScopeForbidden { scope: String } = "scope_forbidden", "RFC 6749 section 4.4", "a service application cannot ask for {scope}: no user takes part";
        InvalidTenantId { value: String } = "invalid_tenant_id", "Visma Connect, service integrations", "the tenant id {value:?} is not a UUID";
        RedirectUriMissing = "redirect_uri_missing", "RFC 6749 section 3.1.2", "the registration has no redirect URI, which a login needs";
        RedirectUriRelative { uri: String } = "redirect_uri_relative", "RFC 6749 section 3.1.2", "the redirect URI {uri:?} is not an absolute URI";
        RedirectUriFragment { uri: String } = "redirect_uri_fragment", "RFC 6749 section 3.1.2", "the redirect URI {uri:?} has a fragment: remove what follows the #";
        RedirectUriNotCanonical { uri: String, canonical: String } = "redirect_uri_not_canonical", "RFC 6749 section 3.1.2.3", "a browser delivers the redirect URI {uri:?} as {canonical:?}, which servers do not take for the same: register that one";
        RedirectUriCredentials = "redirect_uri_credentials", "RFC 9110 section 4.2.4", "the redirect URI holds a user name or a password: remove it";
        RedirectUriQuery { name: String } = "redirect_uri_query", "RFC 6749 section 3.1", "the redirect URI's own query holds {name}, which is a parameter of the response: rename it";
        RedirectUriInsecure { uri: String } = "redirect_uri_insecure", "RFC 9700 section 2.1", "the redirect URI {uri:?} is neither https nor http on loopback";
        RedirectUriScheme { uri: String } = "redirect_uri_scheme", "RFC 8252 section 7.1", "the redirect URI {uri:?} has a scheme of its own, which is for native applications only and looks like com.example.app:/callback";
        RedirectUriNotRegistered { uri: String } = "redirect_uri_not_registered", "RFC 9700 section 2.1", "the redirect URI {uri:?} is none of the registration's";
        RedirectUriAmbiguous = "redirect_uri_ambiguous", "RFC 6749 section 3.1.2.3", "the registration has several redirect URIs: say with the login which one to use";
        RedirectUriNotLoopback = "redirect_uri_not_loopback", "RFC 8252 section 7.3", "a login with the system's browser needs a redirect URI on loopback, such as http://127.0.0.1/callback: register one, or choose it with the login";
        ResponseModeNotQuery = "response_mode_not_query", "RFC 8252 section 7.3", "a login with the system's browser comes back in the query: leave the response mode out";
        LoopbackPortTaken { address: String } = "loopback_port_taken", "RFC 8252 section 7.3", "another program listens on {address}: end it, or register a redirect URI with another port or without one";
        LoopbackUnavailable { address: String, why: String } = "loopback_unavailable", "RFC 8252 section 7.3", "this system opens no listener on {address}: {why}";
        BrowserNotOpened { why: String } = "browser_not_opened", "RFC 8252 section 8.12", "no browser could be opened ({why}): say by show_url (showUrl in Kotlin, showURL in Swift) how the user is shown the URL, or take the login in two steps by begin_browser_login";
        InsecureEndpoint { url: String } = "insecure_endpoint", "RFC 6749 section 3.2", "{url:?} is neither https nor http on loopback";
        InvalidEndpoint { url: String } = "invalid_endpoint", "RFC 6749 section 3.2", "{url:?} cannot be an endpoint: it must be an absolute https URL without user name and fragment";
        InvalidIssuer { issuer: String, instead: String } = "invalid_issuer", "RFC 8414 section 2", "{issuer:?} cannot be an issuer: write {instead:?}. It is an https URL (http on loopback alone) without user name, query and fragment, and at Visma Connect without a slash at its end";
        InvalidResource { resource: String } = "invalid_resource", "RFC 8707 section 2", "the resource {resource:?} is not an absolute URI without fragment";
        ReservedParameter { name: String } = "reserved_parameter", "RFC 6749 section 3.1", "the parameter {name} is set by grantline and cannot be given as a further one";
        RepeatedParameter { name: String } = "repeated_parameter", "RFC 6749 section 3.1", "the parameter {name} was given twice";
        PromptConflict = "prompt_conflict", "OpenID Connect Core section 3.1.2.1", "prompt=none cannot be joined with another value";
        LoginTimeOutOfRange { seconds: u64 } = "login_time_out_of_range", "RFC 9700 section 4.2.4", "a login cannot expire after {seconds} s: give 30 s to 86400 s";
        PkceRequired { application: &'static str } = "pkce_required", "RFC 9700 section 2.1.1", "a {application} cannot go without PKCE";
        SecretMethodWithoutSecret = "secret_method_without_secret", "RFC 6749 section 2.3", "a client authentication method with a secret was chosen, and there is no client secret";
        ClockToleranceTooLong { seconds: u64 } = "clock_tolerance_too_long", "OpenID Connect Core section 3.1.3.7", "a clock tolerance of {seconds} s is longer than 300 s: set the machine's clock by the network instead";
        WebhookSecretMissing = "webhook_secret_missing", "Visma Developer Portal, webhooks", "the webhook's secret is empty: anybody could sign with that. Take it from the portal, and look whether the setting that holds it is there";
        LoginOfAnotherClient = "login_of_another_client", "RFC 9207 section 4", "the pending login began with another client id or issuer";
        BindingMissing = "binding_missing", "RFC 6749 section 10.12", "a web application must hand over the binding cookie of the browser that brought the callback";
        RecordMalformed = "record_malformed", "this library", "the record is not one that grantline wrote: it is truncated or was changed";
        RecordTooNew { version: u64 } = "record_too_new", "this library", "the record has version {version}, and this release reads up to 1: update grantline";
        InvalidSessionId = "invalid_session_id", "this library", "a session id has 1 to 256 bytes and no control characters";
        ClientClosed = "client_closed", "this library", "the client was shut down: make a new one";
        InvalidApiOrigin { origin: String } = "invalid_api_origin", "RFC 6454 section 4", "the API origin {origin:?} is not a scheme, a host and perhaps a port: write scheme://host or scheme://host:port, and nothing behind it";
        InsecureApiOrigin { origin: String } = "insecure_api_origin", "RFC 6750 section 5.3", "no token goes to the API origin {origin:?}: use https, or http on loopback";
        AuthorizationPresent = "authorization_present", "RFC 6750 section 2", "the request has an Authorization header already: take it off, and the token is put on";
        InvalidClientSetting { setting: &'static str, why: String } = "invalid_client_setting", "this library", "the setting {setting} is not usable: {why}";
        SealingKeyMissing = "sealing_key_missing", "this library", "this store outlives the process, and no sealing key was given: give one, or say dangerous_plaintext where the store is a vault by itself";
        SealingKeyMalformed = "sealing_key_malformed", "this library", "a sealing key has 32 bytes, written as 44 characters of base64 or as 64 hexadecimal digits, and this has not";
        SealingKeyUnknown { key_id: String } = "sealing_key_unknown", "this library", "the record is sealed with the key {key_id}, which is none of those given: give it as an older one. Nothing was deleted";
        RecordNotAuthentic = "record_not_authentic", "RFC 8452 section 5", "the record's seal is broken: the record was changed, or stands under a name or a generation that is not its own. Nothing was deleted";
        RecordSealed = "record_sealed", "this library", "the record is sealed, and no sealing key was given: give the key, or use another store. Nothing was deleted";
        RecordInClear = "record_in_clear", "this library", "the record is not sealed, although sealing keys were given, so anybody could have written it. If the store was unsealed so far, say dangerous_also_open_plaintext until its records are sealed. Nothing was deleted";
    }
}

reasons! {
    /// What the provider's profile does not have.
    Unsupported {
        TenantChoice = "tenant_not_supported", "the provider's profile", "this provider's profile knows no tenant parameter: say no_tenant";
        SignatureVerifierMissing = "signature_verifier_missing", "this library", "nothing here can verify signatures: build grantline-core with its feature rustcrypto, or give the engine a verifier";
        EndpointMissing { name: &'static str } = "endpoint_missing", "RFC 8414 section 2", "the provider's metadata names no {name}";
    }
}

impl Violation {
    /// The same, with what the server's clock said meanwhile.
    pub(crate) fn beside_the_server_s_clock(self, clocks: ClockDifference) -> Self {
        match self {
            Self::IdTokenExpired { token, seconds, .. } => Self::IdTokenExpired { token, seconds, clocks },
            Self::IdTokenFromTheFuture { token, seconds, .. } => {
                Self::IdTokenFromTheFuture { token, seconds, clocks }
            }
            other => other,
        }
    }
}

impl Violation {
    /// What to do about it.
    pub(super) fn advice(&self) -> Advice {
        match self {
            Self::ServerUnavailable { after, .. } => Advice::Retry { after: *after },
            Self::StateMissing
            | Self::PastedNoCallback { .. }
            | Self::StateMismatch
            | Self::BrowserMismatch
            | Self::CallbackAlreadyUsed
            | Self::LoginExpired
            | Self::LoginUnknown
            | Self::LoginTimedOut { .. }
            | Self::IdTokenAuthTooOld { .. }
            | Self::IdTokenAcrMismatch { .. } => Advice::LogInAgain,
            Self::NotJson { .. }
            | Self::UnexpectedRedirect { .. }
            | Self::RedirectUriMismatch { .. }
            | Self::ResponseModeMismatch { .. }
            | Self::MetadataIssuerMismatch { .. }
            | Self::TenantMismatch { .. }
            | Self::UserInfoForbidden
            | Self::WebhookSignatureInvalid
            | Self::IdTokenAlgorithm { .. }
            | Self::IdTokenAudienceUntrusted { .. }
            | Self::IdTokenExpired { .. }
            | Self::IdTokenFromTheFuture { .. } => Advice::FixConfiguration,
            _ => Advice::ReportBug,
        }
    }
}

impl Violation {
    /// Whether it stands in a response that says that the request was carried out.
    pub(super) fn spoils_a_success(&self) -> bool {
        match self {
            Self::NotJson { status, .. }
            | Self::MalformedJson { status }
            | Self::UnexpectedStatus { status } => (200..300).contains(status),
            Self::MemberMissing { .. } | Self::MemberMalformed { .. } | Self::TokenTypeUnknown => true,
            _ => false,
        }
    }
}

/// Every refusal with a code of its own, for documents and tests.
pub fn catalogue() -> impl Iterator<Item = Reason> {
    [Violation::REASONS, Misuse::REASONS, Unsupported::REASONS].into_iter().flatten().copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_reasons_share_a_code() {
        let codes: Vec<_> = catalogue().map(|reason| reason.code).collect();
        let distinct: BTreeSet<_> = codes.iter().collect();
        assert_eq!(codes.len(), distinct.len());
    }

    #[test]
    fn a_message_names_what_it_is_about() {
        let refusal = Misuse::RedirectUriFragment { uri: "https://a.example/#x".to_owned() };
        assert_eq!(
            refusal.to_string(),
            "the redirect URI \"https://a.example/#x\" has a fragment: remove what follows the #"
        );
    }
}
