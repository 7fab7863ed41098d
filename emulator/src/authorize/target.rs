//! Where the answer to an authorization request goes: settled before anything else is read, because
//! only a registered redirect URI may be told about an error (RFC 6749, section 4.1.2.1).

use super::redirect_uri;
use crate::config::{Application, ApplicationType};
use crate::limits;
use crate::params::Params;
use crate::refusal::Refusal;
use crate::suggestion;
use crate::visit::Visit;

const CLIENT: &str = "client";
const REDIRECT_URI: &str = "redirect_uri";

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
    pub(super) fn find(visit: &Visit, params: &Params) -> Result<Self, Refusal> {
        let application = client(visit, params.get("client_id"))?;
        let redirect_uri = registered(visit, application, params.get("redirect_uri"))?;
        Ok(Self {
            client_id: application.client_id.clone(),
            redirect_uri: redirect_uri.to_owned(),
            // An unknown one is refused later, by way of the query.
            response_mode: ResponseMode::parse(params.get("response_mode")).unwrap_or(ResponseMode::Query),
            state: params.get("state").map(str::to_owned),
        })
    }
}

fn client<'a>(visit: &'a Visit, client_id: Option<&str>) -> Result<&'a Application, Refusal> {
    let client_id = client_id.ok_or(Refusal::invalid_request(CLIENT, "client_id is missing"))?;
    let application = visit.config.application(client_id).ok_or_else(|| {
        let known = visit.config.applications.iter().map(|application| application.client_id.as_str());
        let near = suggestion::in_words(known, client_id);
        Refusal::new(CLIENT, "unauthorized_client", "no application has this client_id")
            .because(format!("no application has the client_id \"{client_id}\"{near}"))
    })?;
    if application.kind == ApplicationType::Service {
        let description = "an application of type service has no users to log in";
        return Err(Refusal::new(CLIENT, "unauthorized_client", description));
    }
    visit.passed(CLIENT, format!("{client_id}, of type {}", application.kind));
    Ok(application)
}

fn registered<'a>(
    visit: &Visit,
    application: &Application,
    presented: Option<&'a str>,
) -> Result<&'a str, Refusal> {
    let refused = |words: &'static str| Refusal::invalid_request(REDIRECT_URI, words);
    let presented = presented.ok_or(refused("redirect_uri is missing"))?;
    if presented.len() > limits::REDIRECT_URI {
        return Err(refused("redirect_uri is longer than 400 characters"));
    }
    if !is_registered(visit, application, presented) {
        let registered = &application.redirect_uris;
        let words = redirect_uri::unregistered(REDIRECT_URI, &application.client_id, registered, presented);
        return Err(refused("redirect_uri is not registered for this client").because(words));
    }
    visit.passed(REDIRECT_URI, "registered");
    Ok(presented)
}

fn is_registered(visit: &Visit, application: &Application, presented: &str) -> bool {
    application.redirect_uris.iter().any(|registered| {
        redirect_uri::equal(visit.config.mode, registered, presented)
            || application.allow_loopback_any_port && redirect_uri::equal_but_port(registered, presented)
    })
}
