//! Applications as the cases describe them.

use grantline_core::{
    ClientAuthenticationMethod, ClientSecret, Error, LoginApp, NativeApp, Registration, Scopes, ServiceApp,
    SinglePageApp, WebApp,
};
use serde::Deserialize;

use crate::provider::ProviderChoice;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Application {
    #[serde(rename = "type")]
    kind: Kind,
    provider: ProviderChoice,
    registration: RegistrationData,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Service,
    Web,
    Native,
    SinglePage,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegistrationData {
    client_id: String,
    client_secret: Option<String>,
    client_authentication: Option<String>,
    #[serde(default)]
    redirect_uris: Vec<String>,
}

/// Scopes as a case names them: a list, or `"all_allowed"`.
#[derive(Deserialize)]
#[serde(untagged)]
pub enum ScopesData {
    List(Vec<String>),
    Words(String),
}

impl ScopesData {
    pub fn make(&self) -> Result<Scopes, Error> {
        match self {
            Self::List(list) => Scopes::list(list),
            Self::Words(words) => {
                assert_eq!(words, "all_allowed");
                Ok(Scopes::all_allowed())
            }
        }
    }
}

impl Application {
    pub fn login(&self) -> Result<LoginApp, Error> {
        let registration = self.registration()?;
        match self.kind {
            Kind::Web => WebApp::new(registration).map(LoginApp::from),
            Kind::Native => NativeApp::new(registration).map(LoginApp::from),
            Kind::SinglePage => SinglePageApp::new(registration).map(LoginApp::from),
            Kind::Service => panic!("a service application has no logins"),
        }
    }

    pub fn service(&self) -> Result<ServiceApp, Error> {
        match self.kind {
            Kind::Service => ServiceApp::new(self.registration()?),
            _ => panic!("only a service application gets service tokens"),
        }
    }

    pub fn is_web(&self) -> bool {
        matches!(self.kind, Kind::Web)
    }

    fn registration(&self) -> Result<Registration, Error> {
        let RegistrationData { client_id, client_secret, client_authentication, redirect_uris } =
            &self.registration;
        let mut registration = Registration::new(self.provider.make()?, client_id);
        if let Some(secret) = client_secret {
            registration = registration.client_secret(ClientSecret::new(secret));
        }
        if let Some(name) = client_authentication {
            registration = registration.client_authentication(method(name));
        }
        Ok(redirect_uris.iter().fold(registration, Registration::redirect_uri))
    }
}

fn method(name: &str) -> ClientAuthenticationMethod {
    match name {
        "client_secret_basic_unencoded" => ClientAuthenticationMethod::ClientSecretBasicUnencoded,
        "client_secret_basic" => ClientAuthenticationMethod::ClientSecretBasic,
        "client_secret_post" => ClientAuthenticationMethod::ClientSecretPost,
        "none" => ClientAuthenticationMethod::None,
        other => panic!("no such client authentication method: {other}"),
    }
}
