//! One server, and the applications as their authors would write them.

use grantline::{
    Client, ClientSecret, NativeApp, Provider, Registration, Scopes, ServiceApp, ServiceTokenRequest,
    TenantChoice, WebApp,
};
use serde_json::Value;

use crate::failure::{Failure, expect, failure};
use crate::server::{Application, Server};

pub(crate) const WEB_CALLBACK: &str = "https://app.example/callback";
pub(crate) const NATIVE_CALLBACK: &str = "http://127.0.0.1:49152/callback";
const REGISTERED_NATIVE_CALLBACK: &str = "http://127.0.0.1/callback";

/// A server that runs, and what it says of itself.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) http: reqwest::Client,
    provider: Provider,
    metadata: Value,
}

impl World {
    pub(crate) async fn discover(server: Server, issuer: &str) -> Result<Self, Failure> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        // Until the library fetches it by itself, the application does.
        let url = format!("{issuer}/.well-known/openid-configuration");
        let document = http.get(url).send().await?.error_for_status()?.text().await?;
        let provider = Provider::from_metadata(issuer, &document)?;
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

    /// Whether the server takes this access token at its userinfo endpoint, and as Anna's.
    pub(crate) async fn takes_as_annas(&self, token: &str) -> Result<bool, Failure> {
        let endpoint = self.metadata["userinfo_endpoint"].as_str();
        let endpoint = endpoint.ok_or_else(|| failure("the metadata name no userinfo endpoint"))?;
        let response = self.http.get(endpoint).bearer_auth(token).send().await?;
        match response.status().as_u16() {
            200 => {
                let user: Value = serde_json::from_str(&response.text().await?)?;
                expect(user["email"] == "anna@example.com", format!("the token is of another user: {user}"))?;
                Ok(true)
            }
            401 => Ok(false),
            status => Err(failure(format!("the userinfo endpoint answered with HTTP status {status}"))),
        }
    }
}
