//! No secret shows in what anything public prints: known secrets, looked for in all of it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod errors;
mod printed;
#[path = "../server/mod.rs"]
mod server;
mod world;
