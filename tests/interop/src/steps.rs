//! What is asked of the library and the server. To add a step, write a function and name it in [`run`].

use grantline::{AccessToken, Callback, ResponseMode, Revocation};

use crate::browser::{Browser, Landing, User};
use crate::failure::{Failure, expect, expect_code, failure};
use crate::login::{Returned, request, session};
use crate::world::{NATIVE_CALLBACK, World};

const CALLERS: usize = 16;

/// Takes every step, whatever became of those before it, and answers whether all passed.
pub(crate) async fn run(world: &World) -> bool {
    let results = [
        // That there is a world at all.
        note("discovery", Ok(())),
        note("service token", service_token(world).await),
        note("login, query", login(world, ResponseMode::Query).await),
        note("login, form_post", login(world, ResponseMode::FormPost).await),
        note("login, native", native_login(world).await),
        note("refresh", refresh(world).await),
        note("refresh, 16 callers at once", shared_refresh(world).await),
        note("revocation", revocation(world).await),
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
    let returned = Returned::of(world, request, User::Accepts).await?;
    expect(
        returned.is_form_post() == (mode == ResponseMode::FormPost),
        "the answer came in another response mode",
    )?;
    let done = returned.complete().await?;
    expect(done.app_data.as_deref() == Some("/invoices/7"), "the application's data is gone")?;
    let token = done.session.fresh_token().await?;
    expect(world.takes_as_annas(token.expose_secret()).await?, "the server does not take the token")
}

async fn native_login(world: &World) -> Result<(), Failure> {
    let app = world.native()?;
    let begun = app.begin_login(request(&world.server)?.redirect_uri(NATIVE_CALLBACK)).await?;
    let Landing::Url(url) = Browser::new()?.log_in(&begun.url, User::Accepts).await? else {
        return Err(failure("a form came to the loopback address"));
    };
    let done = app.complete_login(begun.pending, Callback::url(url)).await?;
    let token = done.session.fresh_token().await?;
    expect(world.takes_as_annas(token.expose_secret()).await?, "the server does not take the token")
}

async fn refresh(world: &World) -> Result<(), Failure> {
    let session = session(world).await?;
    let first = session.fresh_token().await?;
    let second = session.refresh().await?;
    expect(second.expose_secret() != first.expose_secret(), "the access token is the same")?;
    expect(world.takes_as_annas(second.expose_secret()).await?, "the server does not take the later token")?;
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
    expect(world.takes_as_annas(token.expose_secret()).await?, "the grant has ended")
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
    expect(!world.takes_as_annas(token.expose_secret()).await?, "the server still takes the token")
}

async fn wrong_secret(world: &World) -> Result<(), Failure> {
    let token = world.service("not the secret")?.token(world.service_request()?).await;
    expect_code(token, world.server.wrong_secret)
}

async fn wrong_verifier(world: &World) -> Result<(), Failure> {
    let mine = Returned::of(world, request(&world.server)?, User::Accepts).await?;
    let stolen = Returned::of(world, request(&world.server)?, User::Accepts).await?;
    expect_code(mine.with_code_of(&stolen)?.complete().await, "invalid_grant")
}

async fn cancelled_login(world: &World, mode: ResponseMode) -> Result<(), Failure> {
    let request = request(&world.server)?.response_mode(mode);
    let returned = Returned::of(world, request, User::RefusesConsent).await?;
    expect_code(returned.complete().await, "access_denied")
}
