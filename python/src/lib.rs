//! The native half of the Python package `grantline`: conversions only. Every decision is made in the core.

#![allow(
    clippy::doc_link_with_quotes,
    clippy::doc_markdown,
    reason = "the comments on classes and their methods are Python's docstrings, with Python in them"
)]

mod application;
mod arguments;
mod asynchronous;
mod blocking;
mod callback;
mod client;
mod error;
mod login;
mod login_apps;
mod provider;
mod service;
mod session;
mod token;

use pyo3::prelude::*;

/// The private native module; `grantline` is the public one.
#[pymodule]
mod _grantline {
    #[pymodule_export]
    use crate::callback::{Binding, Callback};
    #[pymodule_export]
    use crate::client::Client;
    #[pymodule_export]
    use crate::login::{BegunLogin, BrowserBinding, LoggedIn, PendingLogin};
    #[pymodule_export]
    use crate::login_apps::{LoginApp, NativeApp, SinglePageApp, WebApp};
    #[pymodule_export]
    use crate::provider::Provider;
    #[pymodule_export]
    use crate::service::{ServiceApp, TenantChoice};
    #[pymodule_export]
    use crate::session::Session;
    #[pymodule_export]
    use crate::token::{AccessToken, Scopes, TokenSource};
}
