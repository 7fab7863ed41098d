//! The authorization response (RFC 6749 section 4.1.2): judged before a byte of it is used.

use std::borrow::Cow;

use serde_json::Map;
use url::form_urlencoded;

use super::app::LoginApp;
use super::binding::Binding;
use super::pending::PendingLogin;
use super::request::ResponseMode;
use crate::error::{Endpoint, Error, Misuse, ServerError, Violation};
use crate::provider::Asking;
use crate::secret::{AuthorizationCode, SecretText, same_secret};
use crate::time::UnixMillis;
use crate::token_endpoint::{LONGEST_TEXT, cut, is_error_code};
use crate::uri;

const LONGEST_CALLBACK: usize = 128 * 1024;
const LONGEST_CODE: usize = 64 * 1024;

/// What came back from the browser, as it came: decoding it first would hide repeated parameters. A secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Callback {
    /// The whole URL that the operating system or a listener handed over.
    Url(SecretText),
    /// The raw query string, with or without its question mark.
    Query(SecretText),
    /// The raw body of a `form_post`, `application/x-www-form-urlencoded`.
    FormPost(SecretText),
}

/// A callback that belongs to its login and holds a code. Only such a one can be exchanged.
#[derive(Debug)]
pub struct ValidatedCallback {
    pub(crate) code: AuthorizationCode,
    pub(crate) pending: PendingLogin,
}

/// What a callback turned out to be.
#[derive(Debug)]
pub enum Judgement {
    /// Not this login's: the true one may still come.
    Foreign(Error),
    /// This login's, which it uses up whatever it brought (RFC 9700 section 4.2.4).
    Own(Result<Box<ValidatedCallback>, Error>),
}

/// The parameters that are read; each may occur once (RFC 6749 section 3.1).
#[derive(Default)]
struct Parameters<'a> {
    state: Option<Cow<'a, str>>,
    code: Option<Cow<'a, str>>,
    iss: Option<Cow<'a, str>>,
    error: Option<Cow<'a, str>>,
    error_description: Option<Cow<'a, str>>,
    error_uri: Option<Cow<'a, str>>,
}

impl Callback {
    /// The whole URL of the callback.
    pub fn url(url: impl Into<String>) -> Self {
        Self::Url(SecretText::new(url))
    }

    /// The raw query string of the callback.
    pub fn query(query: impl Into<String>) -> Self {
        Self::Query(SecretText::new(query))
    }

    /// The raw body of a `form_post` callback.
    pub fn form_post(body: impl Into<String>) -> Self {
        Self::FormPost(SecretText::new(body))
    }

    /// The state that it names, by which its pending login is found. Nothing is checked yet.
    pub fn state(&self) -> Option<String> {
        self.state_named().ok()
    }

    pub(super) fn state_named(&self) -> Result<String, Error> {
        Ok(self.parameters()?.state.ok_or(Violation::StateMissing)?.into_owned())
    }

    /// The checks, in the order in which nothing can be learnt from a forged response.
    pub(crate) fn judge(
        &self,
        app: &LoginApp,
        pending: &PendingLogin,
        binding: &Binding,
        now: UnixMillis,
    ) -> Judgement {
        match self.belongs(app, pending, binding, now) {
            Err(foreign) => Judgement::Foreign(foreign),
            Ok(parameters) => Judgement::Own(check_issuer(app, pending, &parameters).and_then(|()| {
                let code = code(app, &parameters)?;
                Ok(Box::new(ValidatedCallback { code, pending: pending.clone() }))
            })),
        }
    }

    /// Whether it is this login's, brought by the browser that began it, in time.
    fn belongs(
        &self,
        app: &LoginApp,
        pending: &PendingLogin,
        binding: &Binding,
        now: UnixMillis,
    ) -> Result<Parameters<'_>, Error> {
        let parameters = self.parameters()?;
        check_state(&parameters, pending)?;
        self.check_way_back(pending)?;
        if let Some(hash) = &pending.binding_hash {
            binding.check(&pending.state, hash)?;
        } else if app.is_bound_by_cookie() {
            return Err(Misuse::BindingMissing.into());
        }
        if now >= pending.expires {
            return Err(Violation::LoginExpired.into());
        }
        Ok(parameters)
    }

    /// The raw parameters: without the `#_` that Visma Connect and others append (a fragment is not part of the
    /// response in these modes).
    fn raw(&self) -> &str {
        let (text, in_url) = match self {
            Self::Url(url) => (url.expose_secret(), true),
            Self::Query(query) => (query.expose_secret(), false),
            Self::FormPost(body) => return body.expose_secret(),
        };
        let text = text.split('#').next().unwrap_or_default();
        match (in_url, text.split_once('?')) {
            (true, Some((_, query))) => query,
            (true, None) => "",
            (false, _) => text.strip_prefix('?').unwrap_or(text),
        }
    }

    fn parameters(&self) -> Result<Parameters<'_>, Error> {
        let raw = self.raw();
        if raw.len() > LONGEST_CALLBACK {
            return Err(Violation::CallbackTooLong { length: raw.len(), limit: LONGEST_CALLBACK }.into());
        }
        let mut found = Parameters::default();
        for (name, value) in form_urlencoded::parse(raw.as_bytes()) {
            let (place, name) = match name.as_ref() {
                "state" => (&mut found.state, "state"),
                "code" => (&mut found.code, "code"),
                "iss" => (&mut found.iss, "iss"),
                "error" => (&mut found.error, "error"),
                "error_description" => (&mut found.error_description, "error_description"),
                "error_uri" => (&mut found.error_uri, "error_uri"),
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(Violation::DuplicateParameter { name }.into());
            }
        }
        Ok(found)
    }

    /// The response mode that was asked for, at the redirect URI of this login.
    fn check_way_back(&self, pending: &PendingLogin) -> Result<(), Error> {
        let got = match self {
            Self::FormPost(_) => ResponseMode::FormPost,
            Self::Url(_) | Self::Query(_) => ResponseMode::Query,
        };
        if got != pending.response_mode {
            let (expected, got) = (pending.response_mode.as_str(), got.as_str());
            return Err(Violation::ResponseModeMismatch { expected, got }.into());
        }
        let Self::Url(url) = self else { return Ok(()) };
        match uri::arrives_at(url.expose_secret(), &pending.redirect_uri) {
            true => Ok(()),
            false => Err(Violation::RedirectUriMismatch { expected: pending.redirect_uri.clone() }.into()),
        }
    }
}

/// RFC 6749 section 10.12: before anything else of the response is believed.
fn check_state(parameters: &Parameters<'_>, pending: &PendingLogin) -> Result<(), Error> {
    let state = parameters.state.as_deref().ok_or(Violation::StateMissing)?;
    match same_secret(state, &pending.state) {
        true => Ok(()),
        false => Err(Violation::StateMismatch.into()),
    }
}

/// RFC 9207 section 2.4, by simple string comparison. One that is there is compared, promised or not; one that is
/// missing is accepted where it was not promised, or on errors where the profile knows that they lack it.
fn check_issuer(app: &LoginApp, pending: &PendingLogin, parameters: &Parameters<'_>) -> Result<(), Error> {
    let provider = &app.registration().provider;
    let expected = provider.issuer().to_owned();
    let is_promised = pending.promises_issuer.unwrap_or_else(|| provider.is_known_to_promise_issuer());
    let due = is_promised && (parameters.error.is_none() || provider.profile().issuer_on_errors);
    match parameters.iss.as_deref() {
        Some(iss) if iss == expected => Ok(()),
        Some(iss) => Err(Violation::IssuerMismatch { expected, got: cut(iss, 200) }.into()),
        None if due => Err(Violation::IssuerMissing { expected }.into()),
        None => Ok(()),
    }
}

fn code(app: &LoginApp, parameters: &Parameters<'_>) -> Result<AuthorizationCode, Error> {
    match (parameters.code.as_deref(), parameters.error.as_deref()) {
        (Some(_), Some(_)) => Err(Violation::CodeAndError.into()),
        (None | Some(""), None) => Err(Violation::CodeMissing.into()),
        (Some(code), None) if code.len() > LONGEST_CODE => {
            Err(Violation::CodeTooLong { length: code.len(), limit: LONGEST_CODE }.into())
        }
        // What was not UTF-8 is not what the server issued any more.
        (Some(code), None) if code.contains(char::REPLACEMENT_CHARACTER) => {
            Err(Violation::CodeMalformed.into())
        }
        (Some(code), None) => Ok(AuthorizationCode::new(code)),
        (None, Some(error)) => Err(refusal(app, error, parameters)),
    }
}

fn refusal(app: &LoginApp, error: &str, parameters: &Parameters<'_>) -> Error {
    if !is_error_code(error) || error.len() > LONGEST_TEXT {
        return Violation::MalformedErrorCode.into();
    }
    let text = |value: &Option<Cow<'_, str>>| value.as_deref().map(|text| cut(text, LONGEST_TEXT));
    let (advice, hint) = app.registration().provider.profile().advise(error, Asking::Login);
    Error::Server(Box::new(ServerError {
        endpoint: Endpoint::Authorization,
        status: None,
        error: error.to_owned(),
        description: text(&parameters.error_description),
        uri: text(&parameters.error_uri),
        members: Map::new(),
        advice,
        hint,
    }))
}
