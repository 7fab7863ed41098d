//! What the languages need beyond Rust, and the servers of the tests: found, or installed where that can be done.

pub(crate) mod chromium;
pub(crate) mod debian;
pub(crate) mod debian_root;
pub(crate) mod jvm;
pub(crate) mod node;
pub(crate) mod python;
pub(crate) mod servers;
pub(crate) mod swift;
