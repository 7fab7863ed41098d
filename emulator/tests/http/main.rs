//! The emulator as its clients see it: over real HTTP, one file a topic.

mod client_credentials;
mod support;
