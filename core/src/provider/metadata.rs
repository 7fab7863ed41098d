//! An authorization server's metadata (RFC 8414; OpenID Connect Discovery), as far as it is used.

use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::ClientAuthenticationMethod;
use crate::error::{Error, Misuse, Unsupported, Violation};
use crate::jose::is_object;
use crate::uri;

/// Where a server's endpoints are, and what it promises.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Metadata {
    pub(super) authorization_endpoint: Option<Url>,
    pub(super) token_endpoint: Option<Url>,
    pub(super) revocation_endpoint: Option<Url>,
    pub(super) introspection_endpoint: Option<Url>,
    pub(super) userinfo_endpoint: Option<Url>,
    pub(super) end_session_endpoint: Option<Url>,
    pub(super) jwks_uri: Option<Url>,
    /// `authorization_response_iss_parameter_supported` (RFC 9207 section 3).
    pub(crate) promises_issuer: bool,
    /// Whether `token_endpoint_auth_methods_supported` has `client_secret_post`, and not the method that is the default.
    pub(super) takes_secrets_by_post_only: bool,
}

/// The members that are used. One that occurs twice makes the document unusable; of the others nothing matters.
#[derive(Deserialize)]
struct Document {
    issuer: Option<Value>,
    authorization_endpoint: Option<Value>,
    token_endpoint: Option<Value>,
    revocation_endpoint: Option<Value>,
    introspection_endpoint: Option<Value>,
    userinfo_endpoint: Option<Value>,
    end_session_endpoint: Option<Value>,
    jwks_uri: Option<Value>,
    authorization_response_iss_parameter_supported: Option<Value>,
    token_endpoint_auth_methods_supported: Option<Value>,
}

impl Metadata {
    /// Reads a document, which has to name the issuer character by character (RFC 8414 section 3.3).
    ///
    /// Errors: `metadata_issuer_mismatch`, `metadata_malformed`, `insecure_endpoint`, `invalid_endpoint`.
    pub(crate) fn read(issuer: &str, document: &[u8]) -> Result<Self, Error> {
        let malformed = Violation::MetadataMalformed { name: "document" };
        if !is_object(document) {
            return Err(malformed.into());
        }
        let document: Document = serde_json::from_slice(document).map_err(|_| malformed)?;
        let named = document.issuer.as_ref().and_then(Value::as_str);
        let named = named.ok_or(Violation::MetadataMalformed { name: "issuer" })?;
        if named != issuer {
            let (expected, got) = (issuer.to_owned(), named.to_owned());
            return Err(Violation::MetadataIssuerMismatch { expected, got }.into());
        }
        let endpoint = |member, name| endpoint(member, name, issuer);
        Ok(Self {
            authorization_endpoint: endpoint(document.authorization_endpoint, "authorization_endpoint")?,
            token_endpoint: endpoint(document.token_endpoint, "token_endpoint")?,
            revocation_endpoint: endpoint(document.revocation_endpoint, "revocation_endpoint")?,
            introspection_endpoint: endpoint(document.introspection_endpoint, "introspection_endpoint")?,
            userinfo_endpoint: endpoint(document.userinfo_endpoint, "userinfo_endpoint")?,
            end_session_endpoint: endpoint(document.end_session_endpoint, "end_session_endpoint")?,
            jwks_uri: endpoint(document.jwks_uri, "jwks_uri")?,
            promises_issuer: flag(
                document.authorization_response_iss_parameter_supported.as_ref(),
                "authorization_response_iss_parameter_supported",
            )?,
            takes_secrets_by_post_only: document
                .token_endpoint_auth_methods_supported
                .is_some_and(|methods| offers_post_only(&methods)),
        })
    }

    /// How a client with a secret proves who it is, unless it knows better (RFC 8414 section 2).
    pub(crate) fn secret_method(&self) -> ClientAuthenticationMethod {
        match self.takes_secrets_by_post_only {
            true => ClientAuthenticationMethod::ClientSecretPost,
            false => ClientAuthenticationMethod::ClientSecretBasic,
        }
    }

    pub(crate) fn authorization_endpoint(&self) -> Result<&Url, Error> {
        present(self.authorization_endpoint.as_ref(), "authorization_endpoint")
    }

    pub(crate) fn token_endpoint(&self) -> Result<&Url, Error> {
        present(self.token_endpoint.as_ref(), "token_endpoint")
    }

    pub(crate) fn revocation_endpoint(&self) -> Result<&Url, Error> {
        present(self.revocation_endpoint.as_ref(), "revocation_endpoint")
    }

    pub(crate) fn introspection_endpoint(&self) -> Result<&Url, Error> {
        present(self.introspection_endpoint.as_ref(), "introspection_endpoint")
    }

    pub(crate) fn userinfo_endpoint(&self) -> Result<&Url, Error> {
        present(self.userinfo_endpoint.as_ref(), "userinfo_endpoint")
    }

    pub(crate) fn end_session_endpoint(&self) -> Result<&Url, Error> {
        present(self.end_session_endpoint.as_ref(), "end_session_endpoint")
    }

    pub(crate) fn jwks_uri(&self) -> Result<&Url, Error> {
        present(self.jwks_uri.as_ref(), "jwks_uri")
    }
}

fn present<'a>(endpoint: Option<&'a Url>, name: &'static str) -> Result<&'a Url, Error> {
    endpoint.ok_or(Unsupported::EndpointMissing { name }.into())
}

/// In clear only where the issuer is: on loopback.
fn endpoint(member: Option<Value>, name: &'static str, issuer: &str) -> Result<Option<Url>, Error> {
    match member {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            let url = uri::endpoint(&text)?;
            match url.scheme() == "https" || !issuer.starts_with("https:") {
                true => Ok(Some(url)),
                false => Err(Misuse::InsecureEndpoint { url: url.into() }.into()),
            }
        }
        Some(_) => Err(Violation::MetadataMalformed { name }.into()),
    }
}

/// Of a list that is none, or names neither method, nothing follows: the server's own refusal says more.
fn offers_post_only(methods: &Value) -> bool {
    let offers = |name: &str| methods.as_array().is_some_and(|list| list.iter().any(|method| method == name));
    offers("client_secret_post") && !offers("client_secret_basic")
}

fn flag(member: Option<&Value>, name: &'static str) -> Result<bool, Error> {
    match member {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(flag)) => Ok(*flag),
        Some(_) => Err(Violation::MetadataMalformed { name }.into()),
    }
}
