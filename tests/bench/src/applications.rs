//! The applications that ask.

use grantline::{
    Callback, Client, ClientSecret, Error, LoginRequest, Provider, Registration, Scopes, ServiceApp,
    ServiceTokenRequest, Session, TenantChoice,
};

use crate::token_server::SCOPES;

pub(crate) const CLIENT_ID: &str = "isv_bench";
pub(crate) const SECRET: &str = "a-secret-of-the-usual-length-0123456789abcdef";
/// What a service asks for.
pub(crate) const SERVICE_SCOPES: &str = "visma_api:read visma_api:write";

pub(crate) fn service(issuer: &str) -> Result<Registration, Error> {
    Ok(Registration::new(Provider::visma_connect_at(issuer)?, CLIENT_ID)
        .client_secret(ClientSecret::new(SECRET)))
}

pub(crate) fn native(issuer: &str) -> Result<Registration, Error> {
    let registration = Registration::new(Provider::visma_connect_at(issuer)?, "native_bench");
    Ok(registration.redirect_uri("http://127.0.0.1/callback"))
}

/// The id of the tenant of that number.
pub(crate) fn tenant(number: usize) -> String {
    format!("{number:08x}-1111-4111-8111-111111111111")
}

/// A token for the tenant of that number.
pub(crate) fn service_request(number: usize) -> Result<ServiceTokenRequest, Error> {
    let scopes = Scopes::list(SERVICE_SCOPES.split(' '))?;
    Ok(ServiceTokenRequest::new(TenantChoice::tenant(&tenant(number))?, scopes))
}

pub(crate) fn login_request() -> Result<LoginRequest, Error> {
    Ok(LoginRequest::new(Scopes::list(SCOPES.split(' '))?))
}

/// What the browser would bring back.
pub(crate) fn callback(state: &str, issuer: &str) -> Callback {
    Callback::query(format!("code=a-code&state={state}&iss={issuer}"))
}

pub(crate) fn service_app(client: &Client, issuer: &str) -> Result<ServiceApp, Error> {
    client.service_app(service(issuer)?)
}

/// A user's session, logged in at that server.
pub(crate) fn session(client: &Client, issuer: &str) -> Result<Session, Error> {
    let app = client.native_app(native(issuer)?)?;
    let begun = app.begin_login(login_request()?).wait()?;
    let callback = callback(begun.pending.state(), issuer);
    Ok(app.complete_login(begun.pending, callback).wait()?.session)
}
