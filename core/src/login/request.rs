//! What a login asks for.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::error::{Error, Misuse};
use crate::scopes::Scopes;
use crate::session::SessionId;
use crate::uri;

/// How the answer comes back (OAuth 2.0 Multiple Response Type Encoding Practices; Form Post Response Mode).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResponseMode {
    /// In the query of the redirect URI: the default of the code flow.
    Query,
    /// As a form that the browser posts to the redirect URI: Visma Connect's advice for web applications. It is a
    /// cross-site POST, so cookies reach it only with `SameSite=None; Secure`.
    FormPost,
}

impl ResponseMode {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::FormPost => "form_post",
        }
    }
}

/// What the server shall make the user do (OpenID Connect Core section 3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Prompt {
    /// Nothing: answer at once, or with an error.
    None,
    /// Log in again.
    Login,
    /// Consent again.
    Consent,
    /// Choose an account.
    SelectAccount,
}

impl Prompt {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
        }
    }
}

/// A login to begin. Everything but the scopes may be left out.
#[derive(Clone, PartialEq, Eq)]
pub struct LoginRequest {
    pub(crate) scopes: Scopes,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) response_mode: Option<ResponseMode>,
    pub(crate) prompts: Vec<Prompt>,
    pub(crate) login_hint: Option<String>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) acr_values: Option<String>,
    pub(crate) acr_is_voluntary: bool,
    pub(crate) ui_locales: Option<String>,
    pub(crate) tenant_hint: Option<String>,
    pub(crate) resources: Vec<String>,
    pub(crate) parameters: Vec<(String, String)>,
    pub(crate) without_pkce: bool,
    pub(crate) session: Option<SessionId>,
    pub(crate) app_data: Option<String>,
    pub(crate) expires_after: Duration,
}

/// How long a user may take at the provider, and between which bounds that may be set.
const USUAL_TIME: Duration = Duration::from_secs(600);
const SHORTEST_TIME: Duration = Duration::from_secs(30);
const LONGEST_TIME: Duration = Duration::from_secs(24 * 3600);

/// The parameters that a login sets itself, that would change what it means, or that hold what never stands in a
/// URL (RFC 6749 section 2.3.1).
const RESERVED: [&str; 29] = [
    "acr_values",
    "assertion",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "grant_type",
    "login_hint",
    "max_age",
    "nonce",
    "password",
    "prompt",
    "redirect_uri",
    "refresh_token",
    "request",
    "request_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "tenant_hint",
    "token",
    "ui_locales",
    "username",
];

impl LoginRequest {
    /// A login that asks for these scopes. With `openid` among them it also says who logged in; with
    /// `offline_access` the session outlives its first access token.
    pub fn new(scopes: Scopes) -> Self {
        Self {
            scopes,
            redirect_uri: None,
            response_mode: None,
            prompts: Vec::new(),
            login_hint: None,
            max_age: None,
            acr_values: None,
            acr_is_voluntary: false,
            ui_locales: None,
            tenant_hint: None,
            resources: Vec::new(),
            parameters: Vec::new(),
            without_pkce: false,
            session: None,
            app_data: None,
            expires_after: USUAL_TIME,
        }
    }

    /// Which of the registration's redirect URIs to use; needed where it has several. On loopback the port may
    /// differ from the registered one (RFC 8252 section 7.3).
    #[must_use]
    pub fn redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.redirect_uri = Some(uri.into());
        self
    }

    /// The redirect URI that was chosen, if one was.
    pub fn chosen_redirect_uri(&self) -> Option<&str> {
        self.redirect_uri.as_deref()
    }

    /// How the answer comes back.
    #[must_use]
    pub fn response_mode(mut self, mode: ResponseMode) -> Self {
        self.response_mode = Some(mode);
        self
    }

    /// What the user shall have to do; may be given more than once.
    #[must_use]
    pub fn prompt(mut self, prompt: Prompt) -> Self {
        if !self.prompts.contains(&prompt) {
            self.prompts.push(prompt);
        }
        self
    }

    /// Who is expected to log in: fills the name in on the login page.
    #[must_use]
    pub fn login_hint(mut self, hint: impl Into<String>) -> Self {
        self.login_hint = Some(hint.into());
        self
    }

    /// How long ago, in whole seconds, the user may have authenticated.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// The authentication contexts of which one has to be reached, separated by spaces: `urn:idp:vismaconnect:mfa` for a
    /// second factor at Visma Connect, whose `acr` is a number on a scale of its own: it has to be there, and what it means
    /// is for the application to judge, by the claim `amr` beside it. Elsewhere an ID token with another `acr` is refused.
    #[must_use]
    pub fn acr_values(mut self, values: impl Into<String>) -> Self {
        self.acr_values = Some(values.into());
        self.acr_is_voluntary = false;
        self
    }

    /// As [`Self::acr_values`], and a login that reaches none of them is taken all the same: judge by the claims `acr` and
    /// `amr`. Beside [`Self::acr_values`] it has no effect.
    #[must_use]
    pub fn prefer_acr_values(mut self, values: impl Into<String>) -> Self {
        if self.acr_values.is_none() || self.acr_is_voluntary {
            self.acr_values = Some(values.into());
            self.acr_is_voluntary = true;
        }
        self
    }

    /// The languages of the login page by preference, as BCP 47 tags separated by spaces.
    #[must_use]
    pub fn ui_locales(mut self, locales: impl Into<String>) -> Self {
        self.ui_locales = Some(locales.into());
        self
    }

    /// The tenant that the user is expected to choose (Visma Connect).
    #[must_use]
    pub fn tenant_hint(mut self, tenant: impl Into<String>) -> Self {
        self.tenant_hint = Some(tenant.into());
        self
    }

    /// An API that the tokens are for (RFC 8707); may be given more than once.
    #[must_use]
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.resources.push(resource.into());
        self
    }

    /// A further parameter that the provider understands.
    #[must_use]
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// The name under which the session is kept: the application's own id of it, up to 256 bytes. Without one a
    /// name is generated.
    #[must_use]
    pub fn session(mut self, session: SessionId) -> Self {
        self.session = Some(session);
        self
    }

    /// Text of the application that the completed login gives back: where to go next, which customer. It is kept
    /// in the pending login and never sent.
    #[must_use]
    pub fn app_data(mut self, data: impl Into<String>) -> Self {
        self.app_data = Some(data.into());
        self
    }

    /// How long the user may take at the provider, in whole seconds: 10 minutes unless set, 30 s at least and a day at most.
    /// A callback that comes later is refused, and the cookie that binds the browser ends with it.
    #[must_use]
    pub fn expires_after(mut self, time: Duration) -> Self {
        self.expires_after = time;
        self
    }

    /// Leaves the proof key out, for a server that refuses its parameters. Only a confidential web application
    /// can ask for it, and it makes code injection possible (RFC 9700 section 4.5).
    #[must_use]
    pub fn dangerous_without_pkce(mut self) -> Self {
        self.without_pkce = true;
        self
    }

    /// What can be refused without knowing the application.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.prompts.contains(&Prompt::None) && self.prompts.len() > 1 {
            return Err(Misuse::PromptConflict.into());
        }
        if !(SHORTEST_TIME..=LONGEST_TIME).contains(&self.expires_after) {
            return Err(Misuse::LoginTimeOutOfRange { seconds: self.expires_after.as_secs() }.into());
        }
        self.resources.iter().try_for_each(|resource| uri::resource(resource))?;
        let mut names = BTreeSet::new();
        for (name, _) in &self.parameters {
            if name.is_empty() || is_reserved(name) {
                return Err(Misuse::ReservedParameter { name: name.clone() }.into());
            }
            if !names.insert(name) {
                return Err(Misuse::RepeatedParameter { name: name.clone() }.into());
            }
        }
        Ok(())
    }

    /// Whether the authorization request has a parameter of that name already.
    pub(crate) fn would_repeat(&self, name: &str) -> bool {
        is_reserved(name) || self.parameters.iter().any(|(own, _)| own == name)
    }
}

/// Some servers compare parameter names without case.
fn is_reserved(name: &str) -> bool {
    RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name))
}

/// Without what may be personal or secret: hints, further parameters' values, the application's data.
impl std::fmt::Debug for LoginRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = self.parameters.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("LoginRequest")
            .field("scopes", &self.scopes)
            .field("redirect_uri", &self.redirect_uri)
            .field("response_mode", &self.response_mode)
            .field("prompts", &self.prompts)
            .field("parameters", &names)
            .finish_non_exhaustive()
    }
}
