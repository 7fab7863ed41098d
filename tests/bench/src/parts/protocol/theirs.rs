//! The part of the crates `oauth2` and `openidconnect`.

use oauth2::basic::BasicClient;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreIdToken, CoreIdTokenVerifier, CoreJsonWebKeySet,
};
use openidconnect::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, RedirectUrl, RefreshToken, Scope, TokenResponse as _,
    TokenUrl,
};

use super::signer::Signer;
use super::{CLIENT_ID, ISSUER, NOW_S, REDIRECT_URI, SCOPES, TOKENS};
use crate::Result;

type Oauth2 = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;
type OpenIdConnect =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet, EndpointNotSet>;

pub(super) struct Theirs {
    oauth2: Oauth2,
    openid: OpenIdConnect,
    keys: CoreJsonWebKeySet,
}

impl Theirs {
    pub(super) fn new(signer: &Signer) -> Result<Self> {
        let authorize = || AuthUrl::new(format!("{ISSUER}/connect/authorize"));
        let token = || TokenUrl::new(format!("{ISSUER}/connect/token"));
        let redirect = || RedirectUrl::new(REDIRECT_URI.to_owned());
        let secret = || ClientSecret::new("a-client-secret".to_owned());
        let keys: CoreJsonWebKeySet = serde_json::from_value(signer.key_set())?;
        let oauth2 = BasicClient::new(ClientId::new(CLIENT_ID.to_owned()))
            .set_client_secret(secret())
            .set_auth_uri(authorize()?)
            .set_token_uri(token()?)
            .set_redirect_uri(redirect()?);
        let issuer = IssuerUrl::new(ISSUER.to_owned())?;
        let openid = CoreClient::new(ClientId::new(CLIENT_ID.to_owned()), issuer, keys.clone())
            .set_client_secret(secret())
            .set_auth_uri(authorize()?)
            .set_token_uri(token()?)
            .set_redirect_uri(redirect()?);
        Ok(Self { oauth2, openid, keys })
    }

    pub(super) fn authorization_url(&self) -> String {
        let (challenge, _verifier) = PkceCodeChallenge::new_random_sha256();
        let request = self.oauth2.authorize_url(CsrfToken::new_random);
        let scopes = SCOPES.map(|scope| Scope::new(scope.to_owned()));
        let request = request.add_scopes(scopes).set_pkce_challenge(challenge);
        let (url, _state) = request.add_extra_param("nonce", Nonce::new_random().secret()).url();
        url.into()
    }

    pub(super) fn refresh(&self) -> Result<String> {
        let token = RefreshToken::new("a-refresh-token".to_owned());
        let response = self
            .oauth2
            .exchange_refresh_token(&token)
            .request(&|_: HttpRequest| answer(TOKENS.as_bytes()))?;
        Ok(oauth2::TokenResponse::access_token(&response).secret().clone())
    }

    pub(super) fn check_id_token(&self, token: &str) -> Result<String> {
        let token: CoreIdToken = token.parse()?;
        let claims = token.claims(&self.verifier()?, &Nonce::new("a-nonce".to_owned()))?;
        Ok(claims.subject().to_string())
    }

    /// With the nonce that the canned ID token has.
    pub(super) fn log_in(&self, tokens: &[u8]) -> Result<String> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let nonce = || Nonce::new("a-nonce".to_owned());
        let scopes = SCOPES.iter().skip(1).map(|scope| Scope::new((*scope).to_owned()));
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let request = self.openid.authorize_url(flow, CsrfToken::new_random, nonce);
        let (_url, _state, nonce) = request.add_scopes(scopes).set_pkce_challenge(challenge).url();
        let exchange = self.openid.exchange_code(AuthorizationCode::new("a-code".to_owned()));
        let response = exchange.set_pkce_verifier(verifier).request(&|_: HttpRequest| answer(tokens))?;
        let token = response.id_token().ok_or("there is an ID token")?;
        Ok(token.claims(&self.verifier()?, &nonce)?.subject().to_string())
    }

    fn verifier(&self) -> Result<CoreIdTokenVerifier<'_>> {
        let (client_id, issuer) = (ClientId::new(CLIENT_ID.to_owned()), IssuerUrl::new(ISSUER.to_owned())?);
        let now = || std::time::UNIX_EPOCH + std::time::Duration::from_secs(NOW_S);
        let verifier = CoreIdTokenVerifier::new_public_client(client_id, issuer, self.keys.clone());
        Ok(verifier.set_time_fn(move || now().into()))
    }
}

fn answer(body: &[u8]) -> std::result::Result<HttpResponse, std::io::Error> {
    let mut response = HttpResponse::new(body.to_vec());
    response.headers_mut().insert("content-type", "application/json".parse().map_err(std::io::Error::other)?);
    Ok(response)
}
