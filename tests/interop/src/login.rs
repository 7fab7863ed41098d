//! A login in the web application, up to the callback and beyond it.

use grantline::{
    Binding, Callback, Error, LoggedIn, LoginRequest, PendingLogin, Prompt, Scopes, Session, WebApp,
};
use grantline_scripted_browser::{Browser, Landing, User};
use url::form_urlencoded::{Serializer, parse};

use crate::failure::{Failure, expect, failure};
use crate::server::Server;
use crate::world::{WEB_CALLBACK, World};

/// A web login whose user has come back.
#[derive(Debug)]
pub(crate) struct Returned {
    app: WebApp,
    pending: PendingLogin,
    binding: Binding,
    parameters: Parameters,
}

/// The authorization response, as it was delivered.
#[derive(Clone, Debug)]
enum Parameters {
    Query(String),
    Form(String),
}

/// A login that asks for consent, without which `offline_access` may be ignored (OpenID Connect Core, section 11).
pub(crate) fn request(server: &Server) -> Result<LoginRequest, Failure> {
    Ok(LoginRequest::new(scopes(server)?).prompt(Prompt::Consent))
}

/// A login without a page: for a user whom the provider knows already.
pub(crate) fn silent_request(server: &Server) -> Result<LoginRequest, Failure> {
    Ok(LoginRequest::new(scopes(server)?).prompt(Prompt::None))
}

fn scopes(server: &Server) -> Result<Scopes, Failure> {
    Ok(Scopes::list(server.login_scopes.iter().copied())?)
}

impl Returned {
    pub(crate) async fn of(world: &World, request: LoginRequest, user: User) -> Result<Self, Failure> {
        Self::to(world.web()?, request, user).await
    }

    pub(crate) async fn to(app: WebApp, request: LoginRequest, user: User) -> Result<Self, Failure> {
        Self::by(&mut Browser::new()?, app, request, user).await
    }

    /// In a browser that the provider may know already.
    pub(crate) async fn by(
        browser: &mut Browser,
        app: WebApp,
        request: LoginRequest,
        user: User,
    ) -> Result<Self, Failure> {
        let begun = app.begin_login(request).await?;
        let binding = begun.binding.ok_or_else(|| failure("a web login has no binding"))?;
        let binding = Binding::cookie_value(binding.expose_value());
        let parameters = match browser.go_through(&begun.url, user).await? {
            Landing::Url(url) => Parameters::Query(query(&url)?),
            Landing::FormPost(form) => {
                expect(form.action.as_str() == WEB_CALLBACK, format!("the form goes to {}", form.action))?;
                Parameters::Form(form.body())
            }
            Landing::Page(page) => {
                return Err(failure(format!("the login ended on a page: {}", page.text())));
            }
        };
        Ok(Self { app, pending: begun.pending, binding, parameters })
    }

    pub(crate) fn is_form_post(&self) -> bool {
        matches!(self.parameters, Parameters::Form(_))
    }

    pub(crate) async fn complete(self) -> Result<LoggedIn, Error> {
        let callback = match self.parameters {
            Parameters::Query(query) => Callback::query(query),
            Parameters::Form(body) => Callback::form_post(body),
        };
        self.app.complete_login(self.pending, callback, self.binding).await
    }

    /// With the code of another login in the place of its own: what an attacker who stole one would send.
    pub(crate) fn with_code_of(mut self, other: &Self) -> Result<Self, Failure> {
        let code = other.parameters.code().ok_or_else(|| failure("the other login has no code"))?;
        self.parameters = self.parameters.with_code(&code);
        Ok(self)
    }
}

impl Parameters {
    fn text(&self) -> &str {
        match self {
            Self::Query(text) | Self::Form(text) => text,
        }
    }

    fn code(&self) -> Option<String> {
        parse(self.text().as_bytes()).find(|(name, _)| name == "code").map(|(_, code)| code.into_owned())
    }

    fn with_code(&self, code: &str) -> Self {
        let others = parse(self.text().as_bytes()).filter(|(name, _)| name != "code");
        let text = Serializer::new(String::new()).extend_pairs(others).append_pair("code", code).finish();
        match self {
            Self::Query(_) => Self::Query(text),
            Self::Form(_) => Self::Form(text),
        }
    }
}

fn query(url: &str) -> Result<String, Failure> {
    expect(url.starts_with(WEB_CALLBACK), format!("the browser ended at {url}"))?;
    let (_, query) = url.split_once('?').ok_or_else(|| failure("the callback has no query"))?;
    Ok(query.to_owned())
}

/// The session of a user who logged in to the web application.
pub(crate) async fn session(world: &World) -> Result<Session, Failure> {
    let returned = Returned::of(world, request(&world.server)?, User::Anna).await?;
    Ok(returned.complete().await?.session)
}
