//! Whether the provider would take a login: an authorization request with prompt=none (OpenID Connect Core section 3.1.2.1),
//! which no user sees and which begins nothing.

use grantline::{Client, HttpResponse, LoginRequest, Prompt, ResponseMode};
use url::Url;

use super::finding::Finding;
use crate::failure::Failure;
use crate::opened::App;
use crate::profile::Profile;
use crate::progress::wait;

const CHECK: &str = "login";

/// What a provider says that would go on, had it a user before it.
const WOULD_GO_ON: [&str; 4] =
    ["login_required", "interaction_required", "consent_required", "account_selection_required"];

pub(super) fn ask(client: &Client, profile: Profile<'_>, app: &App) -> Option<Finding> {
    let scopes = profile.scopes(&[]).ok()?;
    let request = LoginRequest::new(scopes).prompt(Prompt::None).response_mode(ResponseMode::Query);
    let begun = match app {
        App::Web(app) => app.begin_login(request),
        App::Native(app) => app.begin_login(request),
        App::Service(_) => return None,
    };
    let url = match wait(begun, "asking the provider") {
        Ok(begun) => begun.url,
        Err(error) => return Some(Finding::failed(CHECK, &Failure::from(error))),
    };
    let redirect_uri = profile.entry.redirect_uri.as_deref().unwrap_or_default();
    Some(match wait(client.fetch_document(&url), "asking the provider") {
        Ok(response) => judge(&response, &url, redirect_uri),
        Err(error) => Finding::failed(CHECK, &Failure::from(error)),
    })
}

fn judge(response: &HttpResponse, asked: &str, redirect_uri: &str) -> Finding {
    let location =
        response.header("location").and_then(|location| Url::parse(asked).ok()?.join(location).ok());
    match &location {
        Some(url) if url.as_str().starts_with(redirect_uri) => answered(url),
        Some(url) if url.path().to_ascii_lowercase().contains("error") => error_page(),
        None if (400..500).contains(&response.status) => error_page(),
        _ => {
            let words = format!(
                "the provider answered prompt=none with status {}, which says nothing",
                response.status
            );
            Finding::not_checked(CHECK, words)
        }
    }
}

fn answered(url: &Url) -> Finding {
    let parameter =
        |name| url.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into_owned());
    match parameter("error") {
        Some(error) if !WOULD_GO_ON.contains(&error.as_str()) => {
            let why = parameter("error_description").unwrap_or_default();
            let words = format!("the provider would refuse it with {error}: {why}");
            Finding::error(CHECK, words, "compare scopes and type with the registration at this provider")
        }
        _ => Finding::ok(CHECK, "the provider knows the client id, the redirect URI and the scopes"),
    }
}

/// RFC 6749 section 4.1.2.1: a request whose client or redirect URI is not known is not redirected.
fn error_page() -> Finding {
    let words = "the provider would show its own error page: it does not know the client id or the redirect URI, or not the scopes";
    let advice = "compare the three with the registration, letter by letter (a slash at the end counts); sandbox and production have each their own";
    Finding::error(CHECK, words, advice)
}
