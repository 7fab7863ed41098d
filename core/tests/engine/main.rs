//! The engine, pumped by hand: a fake clock, a simulated store, and a server that the test plays.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod by_hand;
mod callbacks;
mod clients;
mod directory;
mod ending;
mod every_reply;
mod failures;
mod growth;
mod id_tokens;
mod identity;
mod logins;
mod logout;
mod many;
mod messages;
mod refresh;
mod refresh_failures;
mod refreshed_identity;
mod scenario;
#[path = "../server/mod.rs"]
mod server;
mod shared_tokens;
mod sharing;
mod store;
mod stored_logins;
mod timers;
mod trouble;
mod unsaved;
mod user_info;
