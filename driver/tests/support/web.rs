//! The web application, and the browsers of its users.

use grantline::{Binding, Callback, Client, LoggedIn, LoginRequest, Scopes, StoredLogin, WebApp};
use grantline_emulator::Emulator;
use grantline_scripted_browser::{Browser, Landing, User};

use super::{WEB_CALLBACK, registration};

pub const WEB: &str = "isv_web";

/// It authenticates with a secret.
pub async fn web_app(client: &Client, emulator: &Emulator) -> WebApp {
    let registration = registration(emulator, WEB).await.redirect_uri(WEB_CALLBACK);
    client.web_app(registration).unwrap()
}

pub fn login_request() -> LoginRequest {
    LoginRequest::new(Scopes::list(["openid", "profile", "offline_access", "visma_api:read"]).unwrap())
}

pub fn cookie(begun: &StoredLogin) -> Binding {
    let binding = begun.binding.as_ref().unwrap();
    Binding::cookie_header(format!("other=1; {}={}", binding.cookie_name(), binding.expose_value()))
}

/// Goes through the provider's pages: what the application's redirect URI gets.
pub async fn approve(browser: &mut Browser, begun: &StoredLogin) -> Callback {
    match browser.go_through(&begun.url, User::Anna).await.unwrap() {
        Landing::Url(url) => Callback::url(url),
        Landing::FormPost(form) => {
            assert_eq!(form.action.as_str(), WEB_CALLBACK);
            Callback::form_post(form.body())
        }
        Landing::Page(page) => panic!("the login ended on a page of the provider's: {page:?}"),
    }
}

/// A user who logs in with this browser.
pub async fn log_in(app: &WebApp, browser: &mut Browser) -> LoggedIn {
    let begun = app.begin_stored_login(login_request()).await.unwrap();
    let callback = approve(browser, &begun).await;
    app.complete_stored_login(callback, cookie(&begun)).await.unwrap()
}
