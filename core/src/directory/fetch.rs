//! The requests for a server's documents. They carry no credentials, and no redirect is followed.

use std::time::Duration;

use url::Url;

use super::cache::Fetched;
use crate::error::{Error, Transport, Violation};
use crate::flow::Io;
use crate::http::{HttpRequest, HttpResponse, Method};
use crate::jose::KeySet;
use crate::provider::Metadata;
use crate::secret::SecretText;
use crate::seed::Draws;
use crate::token_endpoint;

/// For how long a document is good if the server does not say, and between which bounds it may say so (RFC 9111 section
/// 5.2.2.1).
const METADATA_LAST: Duration = Duration::from_secs(24 * 3600);
const KEYS_LAST: Duration = Duration::from_secs(3600);
const SHORTEST: Duration = Duration::from_secs(300);
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// The document of OpenID Connect Discovery, or, where there is none, that of RFC 8414.
pub(super) async fn metadata(io: &Io, issuer: &str) -> Result<Fetched<Metadata>, Error> {
    let (openid, oauth) = addresses(issuer)?;
    let response = match get(io, &openid).await {
        Err(Error::Violation(Violation::UnexpectedStatus { .. })) => get(io, &oauth).await?,
        outcome => outcome?,
    };
    let document = Metadata::read(issuer, response.body.expose_secret())?;
    Ok(Fetched { document, good_for: good_for(&response, METADATA_LAST) })
}

pub(super) async fn keys(io: &Io, jwks_uri: &Url) -> Result<Fetched<KeySet>, Error> {
    let response = get(io, jwks_uri).await?;
    let document = KeySet::read(response.body.expose_secret()).ok_or(Violation::KeySetMalformed)?;
    Ok(Fetched { document, good_for: good_for(&response, KEYS_LAST) })
}

/// OpenID Connect Discovery section 4 puts its name behind the issuer's path, RFC 8414 section 3.1 before it.
fn addresses(issuer: &str) -> Result<(Url, Url), Error> {
    let malformed = |_| Error::broken("an issuer is no URL");
    let mut oauth = Url::parse(issuer).map_err(malformed)?;
    let path = oauth.path().trim_end_matches('/').to_owned();
    let mut openid = oauth.clone();
    openid.set_path(&format!("{path}/.well-known/openid-configuration"));
    oauth.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    Ok((openid, oauth))
}

async fn get(io: &Io, url: &Url) -> Result<HttpResponse, Error> {
    let environment = io.environment();
    environment.circuits.admit(url.as_str(), io.now())?;
    let outcome = send(io, url).await;
    environment.circuits.report(url.as_str(), &outcome, io.now(), io.draw(Draws::jitter));
    outcome
}

async fn send(io: &Io, url: &Url) -> Result<HttpResponse, Error> {
    let request = HttpRequest {
        method: Method::Get,
        url: url.to_string(),
        headers: vec![("accept", SecretText::new("application/json"))],
        body: None,
        timeout: io.http_timeout(),
    };
    let reply = io.http(request).await?;
    let response = reply.map_err(|failure| Error::Transport(Transport::new(url.as_str(), failure)))?;
    token_endpoint::check_success(&response)?;
    Ok(response)
}

fn good_for(response: &HttpResponse, unless_said: Duration) -> Duration {
    let directives = response.header("cache-control").unwrap_or_default().to_ascii_lowercase();
    let max_age =
        directives.split(',').find_map(|directive| directive.trim().strip_prefix("max-age=")?.parse().ok());
    max_age.map_or(unless_said, |seconds| Duration::from_secs(seconds).clamp(SHORTEST, LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::SecretBytes;

    #[test]
    fn the_two_well_known_names_stand_behind_the_path_and_before_it() {
        let both =
            |issuer: &str| addresses(issuer).map(|(openid, oauth)| (openid.to_string(), oauth.to_string()));
        let pair = |openid: &str, oauth: &str| Ok((openid.to_owned(), oauth.to_owned()));
        for issuer in ["https://a.example", "https://a.example/"] {
            let openid = "https://a.example/.well-known/openid-configuration";
            assert_eq!(
                both(issuer),
                pair(openid, "https://a.example/.well-known/oauth-authorization-server")
            );
        }
        for issuer in ["https://a.example/t/1", "https://a.example/t/1/"] {
            let openid = "https://a.example/t/1/.well-known/openid-configuration";
            assert_eq!(
                both(issuer),
                pair(openid, "https://a.example/.well-known/oauth-authorization-server/t/1")
            );
        }
    }

    #[test]
    fn a_server_says_within_bounds_how_long_its_document_is_good() {
        let said = |value: &str| {
            let headers = vec![("Cache-Control".to_owned(), value.to_owned())];
            let response = HttpResponse { status: 200, headers, body: SecretBytes::new(Vec::new()) };
            good_for(&response, KEYS_LAST).as_secs()
        };
        assert_eq!(said("public, Max-Age=600"), 600);
        assert_eq!(said("max-age=0"), 300);
        assert_eq!(said("max-age=99999999999"), 86_400);
        assert_eq!(said("max-age=-1"), 3600);
        assert_eq!(said("no-store"), 3600);
    }
}
