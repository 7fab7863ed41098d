//! One server, and the applications as their authors would write them.

use grantline::{
    AccessToken, Client, ClientSecret, NativeApp, Provider, Registration, Scopes, ServiceApp,
    ServiceTokenRequest, SigningAlgorithm, TenantChoice, WebApp,
};
use serde_json::Value;

use crate::failure::{Failure, expect, failure};
use crate::server::{Application, Server};

pub(crate) const WEB_CALLBACK: &str = "https://app.example/callback";
pub(crate) const LOGGED_OUT: &str = "https://app.example/logged-out";
pub(crate) const NATIVE_CALLBACK: &str = "http://127.0.0.1:49152/callback";
const REGISTERED_NATIVE_CALLBACK: &str = "http://127.0.0.1/callback";

/// A server that runs, and what it says of itself.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) server: Server,
    http: reqwest::Client,
    provider: Provider,
    metadata: Value,
}

impl World {
    pub(crate) async fn discover(server: Server, issuer: &str) -> Result<Self, Failure> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let url = format!("{issuer}/.well-known/openid-configuration");
        let document = http.get(url).send().await?.error_for_status()?.text().await?;
        let provider = Provider::discover(issuer)?;
        Ok(Self { server, http, provider, metadata: serde_json::from_str(&document)? })
    }

    pub(crate) fn service(&self, secret: &str) -> Result<ServiceApp, Failure> {
        let application = Application { secret: None, ..self.server.service };
        let registration = self.registration(application).client_secret(ClientSecret::new(secret));
        Ok(Client::new()?.service_app(registration)?)
    }

    pub(crate) fn service_request(&self) -> Result<ServiceTokenRequest, Failure> {
        let scopes = Scopes::list(self.server.service_scopes.iter().copied())?;
        Ok(ServiceTokenRequest::new(TenantChoice::no_tenant(), scopes))
    }

    pub(crate) fn web(&self) -> Result<WebApp, Failure> {
        let registration = self.registration(self.server.web).redirect_uri(WEB_CALLBACK);
        Ok(Client::new()?.web_app(registration)?)
    }

    /// The web application as it is registered once more, with ID tokens of this algorithm.
    pub(crate) fn web_with(&self, algorithm: SigningAlgorithm) -> Result<WebApp, Failure> {
        let client_id = format!("{}-{}", self.server.web.client_id, algorithm.name().to_ascii_lowercase());
        let registration = Registration::new(self.provider.clone(), client_id)
            .client_secret(ClientSecret::new(self.server.web.secret.unwrap_or_default()))
            .redirect_uri(WEB_CALLBACK)
            .id_token_algorithm(algorithm);
        Ok(Client::new()?.web_app(registration)?)
    }

    pub(crate) fn native(&self) -> Result<NativeApp, Failure> {
        let registration = self.registration(self.server.native).redirect_uri(REGISTERED_NATIVE_CALLBACK);
        Ok(Client::new()?.native_app(registration)?)
    }

    fn registration(&self, application: Application) -> Registration {
        let registration = Registration::new(self.provider.clone(), application.client_id);
        match application.secret {
            Some(secret) => registration.client_secret(ClientSecret::new(secret)),
            None => registration,
        }
    }

    /// An endpoint, as this judge and not the library has read it.
    pub(crate) fn endpoint(&self, name: &str) -> Result<&str, Failure> {
        self.metadata[name].as_str().ok_or_else(|| failure(format!("the metadata have no {name}")))
    }

    /// What the server says of the user of this access token; `None` if it does not take the token.
    pub(crate) async fn user_of(&self, token: &AccessToken) -> Result<Option<Value>, Failure> {
        let request = self.http.get(self.endpoint("userinfo_endpoint")?).bearer_auth(token.expose_secret());
        let response = request.send().await?;
        match response.status().as_u16() {
            200 => Ok(Some(serde_json::from_str(&response.text().await?)?)),
            401 => Ok(None),
            status => Err(failure(format!("the userinfo endpoint answered with HTTP status {status}"))),
        }
    }

    /// Fails unless the server takes this access token as Anna's, and answers her name there.
    pub(crate) async fn subject_of_annas(&self, token: &AccessToken) -> Result<String, Failure> {
        let user = self.user_of(token).await?.ok_or_else(|| failure("the server does not take the token"))?;
        expect(user["email"] == "anna@example.com", format!("the token is of another user: {user}"))?;
        user["sub"].as_str().map(str::to_owned).ok_or_else(|| failure("the user has no name"))
    }
}
