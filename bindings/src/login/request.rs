//! What a login asks for.

use std::time::Duration;

use grantline::SessionId;

use crate::error::NativeError;
use crate::token::Scopes;

/// How the answer comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ResponseMode {
    /// In the query of the redirect URI.
    Query,
    /// As a form that the browser posts.
    FormPost,
}

/// What the server shall make the user do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Prompt {
    /// Nothing: `prompt=none`. The name keeps clear of Swift's `Optional.none`.
    NoInteraction,
    /// Log in again.
    Login,
    /// Consent again.
    Consent,
    /// Choose an account.
    SelectAccount,
}

/// A further parameter that the provider understands.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LoginParameter {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// A login to begin. Everything but the scopes may be left out.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct LoginRequest {
    /// The scopes to ask for.
    pub scopes: Scopes,
    /// Which redirect URI to use.
    #[uniffi(default)]
    pub redirect_uri: Option<String>,
    /// How the answer comes back.
    #[uniffi(default)]
    pub response_mode: Option<ResponseMode>,
    /// What the user shall have to do.
    #[uniffi(default)]
    pub prompts: Vec<Prompt>,
    /// Who is expected to log in.
    #[uniffi(default)]
    pub login_hint: Option<String>,
    /// How many seconds ago the user may have authenticated.
    #[uniffi(default)]
    pub max_age_s: Option<u64>,
    /// How long the user may take at the provider, in seconds; 10 minutes unless set.
    pub expires_after_s: Option<u64>,
    /// The authentication contexts wanted.
    #[uniffi(default)]
    pub acr_values: Option<String>,
    /// The same, and a login that reaches none of them is taken all the same.
    #[uniffi(default)]
    pub prefer_acr_values: Option<String>,
    /// The languages of the login page.
    #[uniffi(default)]
    pub ui_locales: Option<String>,
    /// The tenant that the user is expected to choose.
    #[uniffi(default)]
    pub tenant_hint: Option<String>,
    /// The APIs that the tokens are for.
    #[uniffi(default)]
    pub resources: Vec<String>,
    /// Further parameters.
    #[uniffi(default)]
    pub parameters: Vec<LoginParameter>,
    /// The name under which the session is kept.
    #[uniffi(default)]
    pub session: Option<String>,
    /// Text that the completed login gives back.
    #[uniffi(default)]
    pub app_data: Option<String>,
    /// Leaves the proof key out.
    #[uniffi(default)]
    pub dangerous_without_pkce: bool,
}

type Setter = fn(grantline::LoginRequest, String) -> grantline::LoginRequest;

impl TryFrom<LoginRequest> for grantline::LoginRequest {
    type Error = NativeError;

    fn try_from(asked: LoginRequest) -> Result<Self, NativeError> {
        let mut request = Self::new(asked.scopes.try_into()?);
        let texts: [(_, Setter); 7] = [
            (asked.redirect_uri, Self::redirect_uri),
            (asked.login_hint, Self::login_hint),
            (asked.acr_values, Self::acr_values),
            (asked.prefer_acr_values, Self::prefer_acr_values),
            (asked.ui_locales, Self::ui_locales),
            (asked.tenant_hint, Self::tenant_hint),
            (asked.app_data, Self::app_data),
        ];
        for (text, set) in texts {
            if let Some(text) = text {
                request = set(request, text);
            }
        }
        if let Some(mode) = asked.response_mode {
            request = request.response_mode(mode.into());
        }
        if let Some(seconds) = asked.max_age_s {
            request = request.max_age(Duration::from_secs(seconds));
        }
        if let Some(seconds) = asked.expires_after_s {
            request = request.expires_after(Duration::from_secs(seconds));
        }
        if let Some(session) = asked.session {
            request = request.session(SessionId::new(session)?);
        }
        if asked.dangerous_without_pkce {
            request = request.dangerous_without_pkce();
        }
        request = asked.prompts.into_iter().map(grantline::Prompt::from).fold(request, Self::prompt);
        request = asked.resources.into_iter().fold(request, Self::resource);
        let further = asked.parameters.into_iter();
        Ok(further.fold(request, |request, one| request.parameter(one.name, one.value)))
    }
}

impl From<ResponseMode> for grantline::ResponseMode {
    fn from(mode: ResponseMode) -> Self {
        match mode {
            ResponseMode::Query => Self::Query,
            ResponseMode::FormPost => Self::FormPost,
        }
    }
}

impl From<Prompt> for grantline::Prompt {
    fn from(prompt: Prompt) -> Self {
        match prompt {
            Prompt::NoInteraction => Self::None,
            Prompt::Login => Self::Login,
            Prompt::Consent => Self::Consent,
            Prompt::SelectAccount => Self::SelectAccount,
        }
    }
}
