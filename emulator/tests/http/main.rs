//! The emulator as its clients see it: over real HTTP, one file a topic.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helpers too"
)]

mod admin;
mod authorization_errors;
mod browser;
mod checks;
mod checks_of_logins;
mod checks_of_tokens;
mod client_authentication;
mod client_credentials;
mod code_exchange;
mod control;
mod cors;
mod discovery;
mod faults;
mod grants;
mod introspection;
mod journal;
mod limits;
mod login;
mod logout;
mod pages;
mod portal;
mod portal_controls;
mod portal_guard;
mod portal_requests;
mod receiver;
mod redirect_uris;
mod refresh;
mod requests;
mod resources;
mod revocation;
mod sessions;
mod signing;
mod state_file;
mod support;
mod webhooks;
mod wrong_tokens;
