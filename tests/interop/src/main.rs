//! grantline at an authorization server that nobody here wrote: `grantline-interop oidc-provider|keycloak ISSUER`.
//!
//! It uses the library as any application does, prints `ok      STEP` or `FAILED  STEP: WHY` for each step, and ends
//! with failure if one failed. `cargo xtask interop` starts the servers.
//!
//! `grantline-interop browse URL accepts|cancels` is its browser for the judges in other languages: it prints where it
//! left the provider and, on a second line, the body that it would post there.

#![allow(clippy::print_stdout, reason = "what it prints is its result")]

mod failure;
mod login;
mod server;
mod steps;
mod world;

use std::process::ExitCode;

use failure::{Failure, failure};
use grantline_scripted_browser::{Browser, Landing, User};
use server::Server;
use world::World;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["browse", url, "accepts"] => browse(url, User::Anna).await,
        ["browse", url, "cancels"] => browse(url, User::AnnaWhoCancels).await,
        [server, issuer] => judge(server, issuer).await,
        _ => Err(failure("expected a server and its issuer, or `browse` with a URL and what the user does")),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            println!("FAILED  {}: {failure}", words.first().unwrap_or(&"start"));
            ExitCode::FAILURE
        }
    }
}

async fn judge(server: &str, issuer: &str) -> Result<bool, Failure> {
    let world = World::discover(Server::named(server)?, issuer).await?;
    Ok(steps::run(&world).await)
}

async fn browse(url: &str, user: User) -> Result<bool, Failure> {
    match Browser::new()?.go_through(url, user).await? {
        Landing::Url(url) => println!("{url}"),
        Landing::FormPost(form) => println!("{}\n{}", form.action, form.body()),
        Landing::Page(page) => return Err(failure(format!("it ended on a page: {}", page.text()))),
    }
    Ok(true)
}
