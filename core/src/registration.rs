//! A client registration: what the provider knows of the application.

use std::time::Duration;

use crate::error::{Error, Misuse};
use crate::jose::SigningAlgorithm;
use crate::provider::{ClientAuthenticationMethod, Metadata, Provider};
use crate::secret::ClientSecret;

const DEFAULT_CLOCK_TOLERANCE: Duration = Duration::from_secs(60);
const LONGEST_CLOCK_TOLERANCE: Duration = Duration::from_secs(300);

/// What was agreed with the provider: the client id and what goes with it.
///
/// It becomes an application of one of the four types, whose constructor refuses what that type may not have.
///
/// ```
/// use grantline_core::{ClientSecret, NativeApp, Provider, Registration};
///
/// let registration = Registration::new(Provider::visma_connect(), "isv_invoices")
///     .redirect_uri("com.example.invoices:/callback")
///     .client_secret(ClientSecret::new("shipped to every phone"));
/// assert_eq!(NativeApp::new(registration).unwrap_err().code(), "secret_for_public_client");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Registration {
    pub(crate) provider: Provider,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<ClientSecret>,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) refresh_grace: Option<Duration>,
    pub(crate) asks_for_login_after_lost_answer: bool,
    pub(crate) id_token_algorithm: SigningAlgorithm,
    pub(crate) trusted_audiences: Vec<String>,
    pub(crate) clock_tolerance: Duration,
    method: Option<ClientAuthenticationMethod>,
}

impl Registration {
    /// A registration with a provider, by client id.
    pub fn new(provider: Provider, client_id: impl Into<String>) -> Self {
        Self {
            provider,
            client_id: client_id.into(),
            client_secret: None,
            redirect_uris: Vec::new(),
            refresh_grace: None,
            asks_for_login_after_lost_answer: false,
            id_token_algorithm: SigningAlgorithm::Rs256,
            trusted_audiences: Vec::new(),
            clock_tolerance: DEFAULT_CLOCK_TOLERANCE,
            method: None,
        }
    }

    /// The client secret of a confidential client.
    #[must_use]
    pub fn client_secret(mut self, secret: ClientSecret) -> Self {
        self.client_secret = Some(secret);
        self
    }

    /// One more registered redirect URI, byte for byte as the provider has it.
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uris.push(uri.into());
        self
    }

    /// How the client proves who it is, if not as the provider's profile or its metadata have it.
    #[must_use]
    pub fn client_authentication(mut self, method: ClientAuthenticationMethod) -> Self {
        self.method = Some(method);
        self
    }

    /// For how long after its use the server takes a single-use refresh token again, as it is set there for this client.
    /// The time limits of a refresh are then chosen so that a host that takes over from one that is gone comes within
    /// it. Below 16 s they cannot be: see docs/sessions.md for what that costs.
    #[must_use]
    pub fn refresh_grace(mut self, grace: Duration) -> Self {
        self.refresh_grace = Some(grace);
        self
    }

    /// Never sends a refresh token again whose answer was lost, and ends the session instead: for servers that punish a
    /// repeated refresh token beyond the grant. An answer may be lost behind any 5xx but 501, 503, 505 and 511.
    #[must_use]
    pub fn ask_for_login_after_lost_answer(mut self) -> Self {
        self.asks_for_login_after_lost_answer = true;
        self
    }

    /// The algorithm by which the provider signs ID tokens for this client (`id_token_signed_response_alg`), RS256 unless
    /// set. One that a token names itself is not followed (RFC 8725 section 3.1).
    #[must_use]
    pub fn id_token_algorithm(mut self, algorithm: SigningAlgorithm) -> Self {
        self.id_token_algorithm = algorithm;
        self
    }

    /// One more party that ID tokens of this client may be for as well. An ID token for anybody else is refused (OpenID
    /// Connect Core section 3.1.3.7).
    #[must_use]
    pub fn trust_audience(mut self, audience: impl Into<String>) -> Self {
        self.trusted_audiences.push(audience.into());
        self
    }

    /// By how much this machine's clock and the provider's may differ where an ID token says from when to when it is
    /// good: a minute unless set, 5 minutes at most.
    #[must_use]
    pub fn clock_tolerance(mut self, tolerance: Duration) -> Self {
        self.clock_tolerance = tolerance;
        self
    }

    /// The provider.
    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// The client id.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The registered redirect URIs, in the order in which they were given.
    pub fn redirect_uris(&self) -> &[String] {
        &self.redirect_uris
    }

    /// The method in force at this server: `None` without a secret.
    pub(crate) fn method(&self, server: &Metadata) -> ClientAuthenticationMethod {
        let chosen = || self.method.or(self.provider.profile().secret_method);
        match &self.client_secret {
            Some(_) => chosen().unwrap_or_else(|| server.secret_method()),
            None => ClientAuthenticationMethod::None,
        }
    }

    /// The method in force at the revocation endpoint.
    pub(crate) fn revocation_method(&self, server: &Metadata) -> ClientAuthenticationMethod {
        match self.method(server) {
            ClientAuthenticationMethod::None if self.provider.profile().public_clients_revoke_by_basic => {
                ClientAuthenticationMethod::ClientSecretBasic
            }
            method => method,
        }
    }

    /// What every application type asks of its registration.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.client_id.trim().is_empty() {
            return Err(Misuse::ClientIdMissing.into());
        }
        if self.clock_tolerance > LONGEST_CLOCK_TOLERANCE {
            return Err(Misuse::ClockToleranceTooLong { seconds: self.clock_tolerance.as_secs() }.into());
        }
        let wants_secret = self.method.is_some_and(|method| method != ClientAuthenticationMethod::None);
        match wants_secret && self.client_secret.is_none() {
            true => Err(Misuse::SecretMethodWithoutSecret.into()),
            false => Ok(()),
        }
    }

    /// As [`Self::check`], for a type that has to prove who it is.
    pub(crate) fn check_confidential(&self, application: &'static str) -> Result<(), Error> {
        self.check()?;
        let proves = self.client_secret.as_ref().is_some_and(|secret| !secret.expose_secret().is_empty());
        match proves && self.method != Some(ClientAuthenticationMethod::None) {
            true => Ok(()),
            false => Err(Misuse::ClientSecretMissing { application }.into()),
        }
    }

    /// As [`Self::check`], for a type that cannot keep a secret.
    pub(crate) fn check_public(&self, application: &'static str) -> Result<(), Error> {
        match self.client_secret {
            Some(_) => Err(Misuse::SecretForPublicClient { application }.into()),
            None => self.check(),
        }
    }
}
