//! What the constructors of all application types take.

use grantline::{ClientAuthenticationMethod, ClientSecret, Registration, SigningAlgorithm};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::{Span, word};
use crate::provider::Provider;

const METHODS: &[(&str, ClientAuthenticationMethod)] = &[
    ("client_secret_basic", ClientAuthenticationMethod::ClientSecretBasic),
    ("client_secret_basic_unencoded", ClientAuthenticationMethod::ClientSecretBasicUnencoded),
    ("client_secret_post", ClientAuthenticationMethod::ClientSecretPost),
    ("none", ClientAuthenticationMethod::None),
];

/// A client registration, from the keyword arguments of a constructor. They are taken from the dictionary, since the three
/// types with users have them all.
pub(crate) fn registration(
    provider: &Provider,
    client_id: String,
    redirect_uris: Vec<String>,
    settings: Option<&Bound<'_, PyDict>>,
) -> PyResult<Registration> {
    let registration = Registration::new(provider.0.clone(), client_id);
    let mut registration = redirect_uris.into_iter().fold(registration, Registration::redirect_uri);
    for (name, value) in settings.into_iter().flatten() {
        if !value.is_none() {
            registration = with_setting(registration, name.extract()?, &value)?;
        }
    }
    Ok(registration)
}

/// The registration with one more of the keyword arguments.
pub(crate) fn with_setting(
    registration: Registration,
    name: &str,
    value: &Bound<'_, PyAny>,
) -> PyResult<Registration> {
    Ok(match name {
        "client_secret" => registration.client_secret(ClientSecret::new(value.extract::<String>()?)),
        "client_authentication" => registration.client_authentication(word(name, value.extract()?, METHODS)?),
        "id_token_algorithm" => {
            let known = SigningAlgorithm::ALL.map(|algorithm| (algorithm.name(), algorithm));
            registration.id_token_algorithm(word(name, value.extract()?, &known)?)
        }
        "trusted_audiences" => {
            value.extract::<Vec<String>>()?.into_iter().fold(registration, Registration::trust_audience)
        }
        "refresh_grace" => registration.refresh_grace(value.extract::<Span>()?.0),
        "ask_for_login_after_lost_answer" => match value.extract()? {
            true => registration.ask_for_login_after_lost_answer(),
            false => registration,
        },
        "clock_tolerance" => registration.clock_tolerance(value.extract::<Span>()?.0),
        _ => return Err(PyTypeError::new_err(format!("an unexpected keyword argument '{name}'"))),
    })
}
