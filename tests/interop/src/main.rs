//! grantline at an authorization server that nobody here wrote: `grantline-interop oidc-provider|keycloak ISSUER`.
//!
//! It uses the library as any application does, prints `ok      STEP` or `FAILED  STEP: WHY` for each step, and ends
//! with failure if one failed. `cargo xtask interop` starts the servers.

#![allow(clippy::print_stdout, reason = "what it prints is its result")]

mod browser;
mod failure;
mod login;
mod server;
mod steps;
mod world;

use std::process::ExitCode;

use failure::{Failure, failure};
use server::Server;
use world::World;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match judge().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            println!("FAILED  discovery: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn judge() -> Result<bool, Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, issuer] = arguments.as_slice() else {
        return Err(failure("expected the server's kind and its issuer as arguments"));
    };
    let world = World::discover(Server::named(server)?, issuer).await?;
    Ok(steps::run(&world).await)
}
