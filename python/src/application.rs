//! What the constructors of all application types take.

use grantline::{ClientAuthenticationMethod, ClientSecret, Registration};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::arguments::word;
use crate::provider::Provider;

const METHODS: &[(&str, ClientAuthenticationMethod)] = &[
    ("client_secret_basic", ClientAuthenticationMethod::ClientSecretBasic),
    ("client_secret_post", ClientAuthenticationMethod::ClientSecretPost),
    ("none", ClientAuthenticationMethod::None),
];

/// A client registration, from keyword arguments.
pub(crate) fn registration(
    provider: &Provider,
    client_id: String,
    client_secret: Option<String>,
    redirect_uris: Vec<String>,
    client_authentication: Option<&Bound<'_, PyString>>,
) -> PyResult<Registration> {
    let mut registration = Registration::new(provider.0.clone(), client_id);
    if let Some(secret) = client_secret {
        registration = registration.client_secret(ClientSecret::new(secret));
    }
    for uri in redirect_uris {
        registration = registration.redirect_uri(uri);
    }
    if let Some(method) = client_authentication {
        let method = word("client_authentication", method.to_cow()?.as_ref(), METHODS)?;
        registration = registration.client_authentication(method);
    }
    Ok(registration)
}
