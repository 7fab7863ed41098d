//! What is asked of the library and the server. To add a step, write a function and name it in [`run`].

use std::time::Duration;

use grantline::{AccessToken, Callback, LogoutRequest, ResponseMode, Revocation, SigningAlgorithm};
use grantline_scripted_browser::{Browser, Landing, User};
use serde_json::Value;

use crate::failure::{Failure, expect, expect_code, failure};
use crate::login::{Returned, request, session, silent_request};
use crate::world::{LOGGED_OUT, NATIVE_CALLBACK, World};

const CALLERS: usize = 16;
const MAX_AGE: Duration = Duration::from_secs(600);

/// Takes every step, whatever became of those before it, and answers whether all passed.
pub(crate) async fn run(world: &World) -> bool {
    let results = [
        note("discovery", discovery(world).await),
        note("service token", service_token(world).await),
        note("login, query", login(world, ResponseMode::Query).await),
        note("login, form_post", login(world, ResponseMode::FormPost).await),
        note("login, native", native_login(world).await),
        note("ID token", id_token(world).await),
        note("ID token, nine algorithms", id_token_algorithms(world).await),
        note("userinfo", userinfo(world).await),
        note("refresh", refresh(world).await),
        note("refresh, 16 callers at once", shared_refresh(world).await),
        note("revocation", revocation(world).await),
        note("introspection", introspection(world).await),
        note("logout", logout(world).await),
        note("wrong secret", wrong_secret(world).await),
        note("wrong verifier", wrong_verifier(world).await),
        note("cancelled login", cancelled_login(world, ResponseMode::Query).await),
        note("cancelled login, form_post", cancelled_login(world, ResponseMode::FormPost).await),
    ];
    results.into_iter().all(|passed| passed)
}

fn note(step: &str, result: Result<(), Failure>) -> bool {
    let Err(why) = result else {
        println!("ok      {step}");
        return true;
    };
    println!("FAILED  {step}: {}", why.to_string().replace('\n', " "));
    false
}

async fn discovery(world: &World) -> Result<(), Failure> {
    let begun = world.web()?.begin_login(request(&world.server)?).await?;
    let expected = world.endpoint("authorization_endpoint")?;
    let (place, _) = begun.url.split_once('?').unwrap_or_default();
    expect(place == expected, format!("the login begins at {place} and not at {expected}"))
}

async fn service_token(world: &World) -> Result<(), Failure> {
    let secret = world.server.service.secret.unwrap_or_default();
    let token = world.service(secret)?.token(world.service_request()?).await?;
    for scope in world.server.service_scopes {
        expect(token.scopes().contains(scope), format!("the token has no scope {scope}"))?;
    }
    Ok(())
}

async fn login(world: &World, mode: ResponseMode) -> Result<(), Failure> {
    let request = request(&world.server)?.response_mode(mode).app_data("/invoices/7");
    let returned = Returned::of(world, request, User::Anna).await?;
    expect(
        returned.is_form_post() == (mode == ResponseMode::FormPost),
        "the answer came in another response mode",
    )?;
    let done = returned.complete().await?;
    expect(done.app_data.as_deref() == Some("/invoices/7"), "the application's data is gone")?;
    let token = done.session.fresh_token().await?;
    world.subject_of_annas(&token).await.map(drop)
}

async fn native_login(world: &World) -> Result<(), Failure> {
    let app = world.native()?;
    let begun = app.begin_login(request(&world.server)?.redirect_uri(NATIVE_CALLBACK)).await?;
    let Landing::Url(url) = Browser::new()?.go_through(&begun.url, User::Anna).await? else {
        return Err(failure("a form came to the loopback address"));
    };
    let done = app.complete_login(begun.pending, Callback::url(url)).await?;
    let token = done.session.fresh_token().await?;
    world.subject_of_annas(&token).await.map(drop)
}

async fn id_token(world: &World) -> Result<(), Failure> {
    let request = request(&world.server)?.max_age(MAX_AGE);
    let done = Returned::of(world, request, User::Anna).await?.complete().await?;
    let claims = done.identity.ok_or_else(|| failure("nobody was identified"))?;
    expect(claims.audience().contains(&world.server.web.client_id.to_owned()), "it is for another client")?;
    expect(claims.auth_time().is_some(), "it does not say when the user logged in")?;
    let expected = world.subject_of_annas(&*done.session.fresh_token().await?).await?;
    expect(claims.subject() == expected, format!("expected the subject {expected}, got {}", claims.subject()))
}

async fn id_token_algorithms(world: &World) -> Result<(), Failure> {
    for algorithm in SigningAlgorithm::ALL {
        let app = world.web_with(algorithm)?;
        let returned = Returned::to(app, request(&world.server)?, User::Anna).await;
        let returned = returned.map_err(|why| failure(format!("{algorithm:?}: {why}")))?;
        let done = returned.complete().await.map_err(|why| failure(format!("{algorithm:?}: {why}")))?;
        expect(done.identity.is_some(), format!("{algorithm:?}: nobody was identified"))?;
    }
    Ok(())
}

async fn userinfo(world: &World) -> Result<(), Failure> {
    let session = session(world).await?;
    let user = session.user_info().await?;
    let email = user.claim("email").and_then(Value::as_str);
    expect(email == Some("anna@example.com"), format!("the address is {email:?}"))?;
    let identity = session.identity().await?.ok_or_else(|| failure("nobody was identified"))?;
    expect(user.subject() == identity.subject(), "it is of another user")
}

async fn refresh(world: &World) -> Result<(), Failure> {
    let session = session(world).await?;
    let first = session.fresh_token().await?;
    let second = session.refresh().await?;
    expect(second.expose_secret() != first.expose_secret(), "the access token is the same")?;
    world.subject_of_annas(&second).await?;
    // With the refresh token that the first refresh brought.
    let third = session.refresh().await?;
    expect_later(&third, &first, 2)
}

/// A server with rotation ends the grant of a client that refreshes twice at once.
async fn shared_refresh(world: &World) -> Result<(), Failure> {
    let session = session(world).await?;
    let first = session.fresh_token().await?;
    let callers: Vec<_> = (0..CALLERS).map(|_| session.refresh()).collect();
    for caller in callers {
        expect_later(&*caller.await?, &first, 1)?;
    }
    let token = session.refresh().await?;
    world.subject_of_annas(&token).await.map(drop)
}

fn expect_later(token: &AccessToken, first: &AccessToken, by: u64) -> Result<(), Failure> {
    let (from, to) = (first.generation().0, token.generation().0);
    expect(to == from + by, format!("expected {by} refreshes after generation {from}, got generation {to}"))
}

async fn revocation(world: &World) -> Result<(), Failure> {
    let session = session(world).await?;
    let token = session.fresh_token().await?;
    match session.end().await? {
        Revocation::Done => {}
        other => return Err(failure(format!("expected that it was revoked, got {other:?}"))),
    }
    expect_code(session.fresh_token().await, "session_ended")?;
    // Both servers end what the grant gave.
    expect(world.user_of(&token).await?.is_none(), "the server still takes the token")
}

async fn introspection(world: &World) -> Result<(), Failure> {
    let (app, session) = (world.web()?, session(world).await?);
    let token = session.fresh_token().await?;
    let answer = app.introspect(token.expose_secret()).await?;
    expect(answer.is_active(), "a good token is not active")?;
    let client_id = answer.client_id();
    expect(client_id == Some(world.server.web.client_id), format!("the token is of {client_id:?}"))?;
    session.end().await?;
    expect(!app.introspect(token.expose_secret()).await?.is_active(), "a revoked token is active")
}

async fn logout(world: &World) -> Result<(), Failure> {
    let (mut browser, app) = (Browser::new()?, world.web()?);
    let returned = Returned::by(&mut browser, app.clone(), request(&world.server)?, User::Anna).await?;
    let session = returned.complete().await?.session;
    let begun = session.begin_logout(LogoutRequest::new().post_logout_redirect_uri(LOGGED_OUT)).await?;
    let away = begun.redirect.url.as_deref().ok_or_else(|| failure("there is no way to log out"))?;
    let Landing::Url(url) = browser.go_through(away, User::Anna).await? else {
        return Err(failure("a form came back from the logout"));
    };
    expect(url.starts_with(LOGGED_OUT), format!("the browser ended at {url}"))?;
    expect(begun.redirect.is_answered_by(&Callback::url(url)), "the state is another one")?;
    let again = Returned::by(&mut browser, app, silent_request(&world.server)?, User::Anna).await?;
    expect_code(again.complete().await, "login_required")
}

async fn wrong_secret(world: &World) -> Result<(), Failure> {
    let token = world.service("not the secret")?.token(world.service_request()?).await;
    expect_code(token, world.server.wrong_secret)
}

async fn wrong_verifier(world: &World) -> Result<(), Failure> {
    let mine = Returned::of(world, request(&world.server)?, User::Anna).await?;
    let stolen = Returned::of(world, request(&world.server)?, User::Anna).await?;
    expect_code(mine.with_code_of(&stolen)?.complete().await, "invalid_grant")
}

async fn cancelled_login(world: &World, mode: ResponseMode) -> Result<(), Failure> {
    let request = request(&world.server)?.response_mode(mode);
    let returned = Returned::of(world, request, User::AnnaWhoCancels).await?;
    expect_code(returned.complete().await, "access_denied")
}
