//! What a provider publishes, fetched by hand: for who wants to look at it. The library fetches for itself.

use grantline::{Client, Error, HttpResponse, KeySet, Provider, UnixMillis, now};
use serde_json::Value;
use url::Url;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::wait;

/// A document, and when it was there.
pub(crate) struct Document {
    pub(crate) url: Url,
    pub(crate) response: HttpResponse,
    pub(crate) asked: UnixMillis,
    pub(crate) answered: UnixMillis,
}

impl Document {
    pub(crate) fn fetch(client: &Client, url: Url) -> Result<Self, Error> {
        let asked = now().wall;
        let response = wait(client.fetch_document(url.as_str()), "asking the provider")?;
        Ok(Self { url, response, asked, answered: now().wall })
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(self.response.body.expose_secret()).into_owned()
    }
}

/// The metadata: the document of OpenID Connect Discovery, or, where there is none, that of RFC 8414.
pub(crate) fn metadata(client: &Client, [openid, oauth]: [Url; 2]) -> Result<Document, Error> {
    let document = Document::fetch(client, openid)?;
    match document.response.status {
        404 => Document::fetch(client, oauth),
        _ => Ok(document),
    }
}

/// OpenID Connect Discovery section 4 puts its name behind the issuer's path, RFC 8414 section 3.1 before it.
pub(crate) fn addresses(issuer: &str) -> Result<[Url; 2], Failure> {
    let mut oauth = Url::parse(issuer).map_err(|error| Failure::unexpected("reading the issuer", &error))?;
    let path = oauth.path().trim_end_matches('/').to_owned();
    let mut openid = oauth.clone();
    openid.set_path(&format!("{path}/.well-known/openid-configuration"));
    oauth.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    Ok([openid, oauth])
}

/// The provider's keys, by the address in its metadata.
pub(crate) fn keys(provider: &Provider) -> Result<KeySet, Failure> {
    let client = Client::builder().http_when_needed().build()?;
    let issuer = provider.issuer();
    let metadata = metadata(&client, addresses(issuer)?)?;
    // Keys of another issuer would judge nothing.
    Provider::from_metadata(issuer, &metadata.text())?;
    let members: Option<Value> = serde_json::from_str(&metadata.text()).ok();
    let url = members.as_ref().and_then(|members| members.get("jwks_uri")?.as_str());
    let url = url.and_then(|url| Url::parse(url).ok()).ok_or_else(|| no_keys(issuer))?;
    Ok(KeySet::from_json(&Document::fetch(&client, url)?.text())?)
}

fn no_keys(issuer: &str) -> Failure {
    let what = format!("the metadata of {issuer} name no keys");
    Failure::new(Exit::Refused, "keys_not_published", what, "ask the provider, or give --keys FILE")
}
