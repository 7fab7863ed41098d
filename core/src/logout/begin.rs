//! RP-Initiated Logout: the browser goes to the provider, which ends the user's session there.

use url::Url;

use crate::directory;
use crate::error::{Error, Unsupported};
use crate::flow::Io;
use crate::login::{Callback, LoginApp};
use crate::provider::Metadata;
use crate::secret::{RawIdToken, same_secret};
use crate::seed::Draws;

/// A logout to begin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogoutRequest {
    post_logout_redirect_uri: Option<String>,
    ui_locales: Option<String>,
}

impl LogoutRequest {
    /// A logout after which the provider shows a page of its own.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the browser comes back to, as it is registered (section 2). Visma Connect follows it only with the ID token of
    /// the login, so the login has to ask for `openid`.
    #[must_use]
    pub fn post_logout_redirect_uri(mut self, uri: impl Into<String>) -> Self {
        self.post_logout_redirect_uri = Some(uri.into());
        self
    }

    /// The languages of the provider's page by preference, as BCP 47 tags separated by spaces.
    #[must_use]
    pub fn ui_locales(mut self, locales: impl Into<String>) -> Self {
        self.ui_locales = Some(locales.into());
        self
    }
}

/// The way of a browser to the end of its user's session at the provider.
#[derive(Clone, PartialEq)]
pub struct LogoutRedirect {
    /// Where the browser goes. `None`: the provider offers no such end, unless `failure` says otherwise. It holds the user's
    /// ID token: do not log it.
    pub url: Option<String>,
    /// Why there is no URL although the provider may offer such an end: its metadata could not be had. The session is over
    /// here all the same.
    pub failure: Option<Error>,
    /// What comes back with the browser, if it comes back.
    pub state: String,
}

/// Without the URL, which holds the ID token.
impl std::fmt::Debug for LogoutRedirect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogoutRedirect")
            .field("is_offered", &self.url.is_some())
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

impl LogoutRedirect {
    /// Whether a browser that came back came from this logout (section 3). If not, the session is over all the same: only
    /// that the provider ended its own is not known then.
    pub fn is_answered_by(&self, callback: &Callback) -> bool {
        callback.state().is_some_and(|state| same_secret(&state, &self.state))
    }
}

/// Makes the URL that ends a session at the provider. The session has ended here before: what fails now ends nothing and
/// undoes nothing.
pub(crate) async fn logout_redirect(
    io: &Io,
    app: &LoginApp,
    id_token: Option<&RawIdToken>,
    request: &LogoutRequest,
) -> LogoutRedirect {
    let state = io.draw(Draws::token).to_string();
    let metadata = directory::metadata(io, &app.registration().provider).await;
    let (url, failure) = match metadata.and_then(|server| url(&server, app, request, &state, id_token)) {
        Ok(url) => (Some(url.into()), None),
        Err(Error::Unsupported(Unsupported::EndpointMissing { .. })) => (None, None),
        Err(failure) => (None, Some(failure)),
    };
    LogoutRedirect { url, failure, state }
}

/// Section 2. The ID token may have expired.
fn url(
    server: &Metadata,
    app: &LoginApp,
    request: &LogoutRequest,
    state: &str,
    id_token: Option<&RawIdToken>,
) -> Result<Url, Error> {
    let mut url = server.end_session_endpoint()?.clone();
    let mut query = url.query_pairs_mut();
    if let Some(token) = id_token {
        query.append_pair("id_token_hint", token.expose_secret());
    }
    query.append_pair("client_id", app.registration().client_id());
    if let Some(uri) = &request.post_logout_redirect_uri {
        query.append_pair("post_logout_redirect_uri", uri).append_pair("state", state);
    }
    if let Some(locales) = &request.ui_locales {
        query.append_pair("ui_locales", locales);
    }
    drop(query);
    Ok(url)
}
