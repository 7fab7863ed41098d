//! Where the answer to an authorization request goes: settled before anything else is read, because
//! only a registered redirect URI may be told about an error (RFC 6749, section 4.1.2.1).

use super::Problem;
use super::redirect_uri;
use crate::app_state::AppState;
use crate::config::{Application, ApplicationType};
use crate::limits;
use crate::params::Params;

#[derive(Clone)]
pub(crate) struct Target {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) response_mode: ResponseMode,
    pub(super) state: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

impl ResponseMode {
    pub(super) fn parse(text: Option<&str>) -> Option<Self> {
        match text {
            None | Some("query") => Some(Self::Query),
            Some("fragment") => Some(Self::Fragment),
            Some("form_post") => Some(Self::FormPost),
            Some(_) => None,
        }
    }
}

impl Target {
    pub(super) fn find(app: &AppState, params: &Params) -> Result<Self, Problem> {
        let refused = |error, reason: &'static str| Err(Problem::new(error, reason));
        let Some(client_id) = params.get("client_id") else {
            return refused("invalid_request", "client_id is missing");
        };
        let Some(application) = app.config.application(client_id) else {
            return refused("unauthorized_client", "no application has this client_id");
        };
        if application.kind == ApplicationType::Service {
            return refused("unauthorized_client", "an application of type service has no users to log in");
        }
        let Some(redirect_uri) = params.get("redirect_uri") else {
            return refused("invalid_request", "redirect_uri is missing");
        };
        if redirect_uri.len() > limits::REDIRECT_URI {
            return refused("invalid_request", "redirect_uri is longer than 400 characters");
        }
        if !is_registered(app, application, redirect_uri) {
            return Err(Problem::new("invalid_request", unregistered(application, redirect_uri)));
        }
        Ok(Self {
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            // An unknown one is refused later, by way of the query.
            response_mode: ResponseMode::parse(params.get("response_mode")).unwrap_or(ResponseMode::Query),
            state: params.get("state").map(str::to_owned),
        })
    }
}

fn is_registered(app: &AppState, application: &Application, presented: &str) -> bool {
    application.redirect_uris.iter().any(|registered| {
        redirect_uri::equal(app.config.mode, registered, presented)
            || application.allow_loopback_any_port && redirect_uri::equal_but_port(registered, presented)
    })
}

fn unregistered(application: &Application, presented: &str) -> String {
    format!(
        "redirect_uri \"{presented}\" is not registered for {}; registered: {}",
        application.client_id,
        application.redirect_uris.join(", ")
    )
}
