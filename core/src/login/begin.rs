//! Beginning a login: the authorization request (RFC 6749 section 4.1.1), and what has to be remembered of it.

use url::form_urlencoded::Serializer;

use super::app::LoginApp;
use super::binding::{BrowserBinding, cookie_name};
use super::pending::PendingLogin;
use super::pkce;
use super::request::{LoginRequest, Prompt, ResponseMode};
use crate::directory;
use crate::error::{Error, Misuse};
use crate::flow::Io;
use crate::provider::Metadata;
use crate::secret::{CodeVerifier, SecretText};
use crate::seed::Draws;
use crate::session::SessionId;

/// Most are shorter.
const USUAL_URL: usize = 1024;

/// A login that has begun: send the browser to `url`, keep `pending`, and set the cookie of `binding`.
#[derive(Clone, PartialEq, Eq)]
pub struct BegunLogin {
    /// Where the browser goes.
    pub url: String,
    /// What to keep until the callback comes.
    pub pending: PendingLogin,
    /// The cookie for the browser; `None` for native and single-page applications, where the operating system or
    /// the page itself is the binding.
    pub binding: Option<BrowserBinding>,
}

/// Without the URL, whose query holds state and nonce.
impl std::fmt::Debug for BegunLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BegunLogin")
            .field("pending", &self.pending)
            .field("binding", &self.binding)
            .finish_non_exhaustive()
    }
}

/// The flow itself. It asks for no effect where the provider's endpoints are known.
pub(crate) async fn begin_login(
    io: &Io,
    app: &LoginApp,
    request: &LoginRequest,
) -> Result<BegunLogin, Error> {
    request.check()?;
    let server = directory::metadata(io, &app.registration().provider).await?;
    let redirect_uri = app.redirect_uri(request)?;
    let verifier = match app.uses_pkce(request)? {
        true => Some(CodeVerifier::new(io.draw(Draws::token).as_str())),
        false => None,
    };
    let state = io.draw(Draws::token).to_string();
    let nonce = request.scopes.contains("openid").then(|| io.draw(Draws::token).to_string());
    let binding = app.is_bound_by_cookie().then(|| BrowserBinding {
        cookie_name: cookie_name(&state),
        value: SecretText::new(io.draw(Draws::token).as_str()),
        seconds: request.expires_after.as_secs(),
    });
    let session = match &request.session {
        Some(session) => session.clone(),
        None => SessionId::generated(io.draw(Draws::id)),
    };
    let pending = PendingLogin {
        issuer: app.registration().provider.issuer().to_owned(),
        client_id: app.registration().client_id.clone(),
        redirect_uri,
        response_mode: request.response_mode.unwrap_or(ResponseMode::Query),
        state,
        nonce,
        code_verifier: verifier,
        binding_hash: binding.as_ref().map(|binding| pkce::hash(binding.expose_value())),
        scope: request.scopes.parameter(),
        resources: request.resources.clone(),
        max_age_s: request.max_age.map(|age| age.as_secs()),
        acr_values: request.acr_values.clone(),
        acr_is_voluntary: request.acr_is_voluntary,
        promises_issuer: Some(server.promises_issuer),
        session,
        app_data: request.app_data.clone(),
        began: io.now().wall,
        expires: io.now().wall.plus(request.expires_after),
    };
    let url = authorization_url(app, &server, request, &pending)?;
    Ok(BegunLogin { url, pending, binding })
}

/// Every parameter once, but for `resource`; a query that the endpoint has is kept (RFC 6749 section 3.1).
fn authorization_url(
    app: &LoginApp,
    server: &Metadata,
    request: &LoginRequest,
    pending: &PendingLogin,
) -> Result<String, Error> {
    let endpoint = server.authorization_endpoint()?;
    if let Some((name, _)) = endpoint.query_pairs().find(|(name, _)| request.would_repeat(name)) {
        return Err(Misuse::RepeatedParameter { name: name.into_owned() }.into());
    }
    let mut url = String::with_capacity(USUAL_URL);
    url.push_str(endpoint.as_str());
    let own_query = endpoint.query().map(str::len);
    if own_query.is_none() {
        url.push('?');
    }
    let begins = url.len() - own_query.unwrap_or_default();
    let mut query = Serializer::for_suffix(&mut url, begins);
    query.append_pair("response_type", "code");
    query.append_pair("client_id", &pending.client_id);
    query.append_pair("redirect_uri", &pending.redirect_uri);
    let mut optional = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    };
    optional("scope", pending.scope.as_deref());
    optional("state", Some(&pending.state));
    optional("nonce", pending.nonce.as_deref());
    if let Some(verifier) = &pending.code_verifier {
        optional("code_challenge", Some(&pkce::s256(verifier)));
        optional("code_challenge_method", Some("S256"));
    }
    optional("response_mode", request.response_mode.map(ResponseMode::as_str));
    optional("prompt", prompts(app, request).as_deref());
    optional("max_age", pending.max_age_s.map(|seconds| seconds.to_string()).as_deref());
    optional("login_hint", request.login_hint.as_deref());
    optional("acr_values", request.acr_values.as_deref());
    optional("ui_locales", request.ui_locales.as_deref());
    optional("tenant_hint", request.tenant_hint.as_deref());
    request.resources.iter().for_each(|resource| optional("resource", Some(resource)));
    request.parameters.iter().for_each(|(name, value)| optional(name, Some(value)));
    query.finish();
    Ok(url)
}

/// The prompts asked for; where the profile follows OpenID Connect Core section 11, `offline_access` brings
/// `consent` along, unless the login is to pass without any question.
fn prompts(app: &LoginApp, request: &LoginRequest) -> Option<String> {
    let mut prompts = request.prompts.clone();
    let needs_consent = app.registration().provider.profile().offline_access_needs_consent
        && request.scopes.contains("offline_access")
        && request.scopes.contains("openid");
    if needs_consent && !prompts.contains(&Prompt::None) && !prompts.contains(&Prompt::Consent) {
        prompts.push(Prompt::Consent);
    }
    let words: Vec<&str> = prompts.into_iter().map(Prompt::as_str).collect();
    (!words.is_empty()).then(|| words.join(" "))
}
