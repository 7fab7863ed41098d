//! Building a request: the form, and the client's authentication.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};
use zeroize::Zeroizing;

use crate::http::{HttpRequest, Method};
use crate::provider::ClientAuthenticationMethod;
use crate::registration::Registration;
use crate::secret::{RefreshToken, SecretBytes, SecretText};

/// The form of a token request, or of a revocation request, where clients authenticate alike (RFC 7009 section 2.1);
/// before that authentication.
pub(crate) struct TokenRequest {
    parameters: Vec<Parameter>,
    /// The client's secret, and what stands for it in a header.
    credentials: Vec<SecretText>,
}

struct Parameter {
    name: Cow<'static, str>,
    value: SecretText,
    /// Whether it is redacted should the server repeat it in an error.
    is_secret: bool,
}

impl TokenRequest {
    pub(crate) fn new(grant_type: &str) -> Self {
        Self::empty().parameter("grant_type", grant_type)
    }

    /// RFC 7009 section 2.1.
    pub(super) fn revocation(token: &RefreshToken) -> Self {
        Self::empty().secret("token", token.expose_secret()).parameter("token_type_hint", "refresh_token")
    }

    /// RFC 7662 section 2.1.
    pub(super) fn introspection(token: &SecretText) -> Self {
        Self::empty().secret("token", token.expose_secret())
    }

    fn empty() -> Self {
        Self { parameters: Vec::with_capacity(8), credentials: Vec::new() }
    }

    fn with(mut self, name: impl Into<Cow<'static, str>>, value: &str, is_secret: bool) -> Self {
        self.parameters.push(Parameter { name: name.into(), value: SecretText::new(value), is_secret });
        self
    }

    pub(crate) fn parameter(self, name: impl Into<Cow<'static, str>>, value: &str) -> Self {
        self.with(name, value, false)
    }

    /// A parameter whose value is redacted should the server repeat it in an error.
    pub(crate) fn secret(self, name: &'static str, value: &str) -> Self {
        self.with(name, value, true)
    }

    pub(crate) fn optional(self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.parameter(name, value),
            None => self,
        }
    }

    /// The HTTP request, with the client authenticated by `method`, and what knows its secrets.
    pub(crate) fn into_http(
        mut self,
        endpoint: &Url,
        registration: &Registration,
        method: ClientAuthenticationMethod,
        timeout: Duration,
    ) -> (HttpRequest, Self) {
        let mut headers = vec![
            ("accept", SecretText::new("application/json")),
            ("content-type", SecretText::new("application/x-www-form-urlencoded")),
        ];
        let client_id = registration.client_id.clone();
        let secret = registration.client_secret.as_ref().map_or("", |secret| secret.expose_secret());
        match method {
            ClientAuthenticationMethod::ClientSecretBasic => {
                headers.push(self.basic(secret, &form_encoded(&client_id), &form_encoded(secret)));
            }
            ClientAuthenticationMethod::ClientSecretBasicUnencoded => {
                headers.push(self.basic(secret, &client_id, secret));
            }
            ClientAuthenticationMethod::ClientSecretPost => {
                self = self.parameter("client_id", &client_id).secret("client_secret", secret);
            }
            ClientAuthenticationMethod::None => self = self.parameter("client_id", &client_id),
        }
        let http = HttpRequest {
            method: Method::Post,
            url: endpoint.to_string(),
            headers,
            body: Some(self.form()),
            timeout,
        };
        (http, self)
    }

    /// RFC 7617 section 2: joined, then base64.
    fn basic(&mut self, secret: &str, user_id: &str, password: &str) -> (&'static str, SecretText) {
        let credentials = base64_of(user_id, password);
        self.credentials = vec![SecretText::new(secret), SecretText::new(credentials.as_str())];
        ("authorization", SecretText::new(format!("Basic {}", credentials.as_str())))
    }

    fn form(&self) -> SecretBytes {
        // Three bytes for each that has to be encoded: the buffer never grows, so no copy of it stays behind.
        let longest =
            |Parameter { name, value, .. }: &Parameter| 3 * (name.len() + value.expose_secret().len()) + 2;
        let mut form = Serializer::new(String::with_capacity(self.parameters.iter().map(longest).sum()));
        for Parameter { name, value, .. } in &self.parameters {
            form.append_pair(name, value.expose_secret());
        }
        SecretBytes::new(form.finish().into_bytes())
    }

    /// The secrets that were sent, as they are and as they stood in the form; the longest first, since one may be the
    /// beginning of another.
    pub(super) fn secrets(&self) -> Vec<SecretText> {
        let in_form = self.parameters.iter().filter(|parameter| parameter.is_secret);
        let in_form = in_form.flat_map(|Parameter { value, .. }| {
            [value.clone(), SecretText::new(form_encoded(value.expose_secret()).as_str())]
        });
        let all = in_form.chain(self.credentials.iter().cloned());
        let mut all: Vec<_> = all.filter(|secret| !secret.expose_secret().is_empty()).collect();
        all.sort_unstable_by_key(|secret| Reverse(secret.expose_secret().len()));
        all
    }
}

fn base64_of(user_id: &str, password: &str) -> Zeroizing<String> {
    let pair = Zeroizing::new([user_id, password].join(":"));
    Zeroizing::new(STANDARD.encode(pair.as_bytes()))
}

/// In a buffer that never grows, so that no copy stays behind.
fn form_encoded(text: &str) -> Zeroizing<String> {
    let mut encoded = Zeroizing::new(String::with_capacity(3 * text.len()));
    byte_serialize(text.as_bytes()).for_each(|part| encoded.push_str(part));
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::Provider;
    use crate::secret::ClientSecret;

    fn basic_by(method: ClientAuthenticationMethod, client_id: &str, secret: &str) -> String {
        let registration = Registration::new(Provider::visma_connect(), client_id);
        let registration = registration.client_secret(ClientSecret::new(secret));
        let endpoint = Url::parse("https://a.example/token").unwrap();
        let form = TokenRequest::new("client_credentials");
        let (request, _) = form.into_http(&endpoint, &registration, method, Duration::from_secs(1));
        let header = request.headers.into_iter().find(|(name, _)| *name == "authorization");
        header.unwrap().1.expose_secret().strip_prefix("Basic ").unwrap().to_owned()
    }

    fn basic(client_id: &str, secret: &str) -> String {
        basic_by(ClientAuthenticationMethod::ClientSecretBasic, client_id, secret)
    }

    #[test]
    fn basic_credentials_are_form_encoded_before_base64() {
        assert_eq!(basic("isv:app", "p:+% &å"), STANDARD.encode("isv%3Aapp:p%3A%2B%25+%26%C3%A5"));
    }

    #[test]
    fn basic_credentials_go_as_they_are_where_the_server_does_not_decode_them() {
        let raw = ClientAuthenticationMethod::ClientSecretBasicUnencoded;
        assert_eq!(basic_by(raw, "isv app", "p:+% &å"), STANDARD.encode("isv app:p:+% &å"));
    }

    #[test]
    fn basic_credentials_of_the_rfc_s_example_come_out_as_printed_there() {
        assert_eq!(
            basic("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw"),
            "czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3"
        );
    }
}
