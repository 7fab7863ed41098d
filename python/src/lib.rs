//! The native half of the Python package `grantline`: conversions only. Every decision is made in the core.

#![allow(
    clippy::doc_link_with_quotes,
    clippy::doc_markdown,
    reason = "the comments on classes and their methods are Python's docstrings, with Python in them"
)]

mod any_app;
mod api;
mod application;
mod arguments;
mod asynchronous;
mod blocking;
mod browser_login;
mod callback;
mod client;
mod ending;
mod error;
mod events;
mod identity;
mod introspection;
mod json;
mod login;
mod login_apps;
mod logout;
mod own_store;
mod provider;
mod sealing;
mod service;
mod session;
mod session_ids;
mod store;
mod store_contract;
mod token;
mod user_info;
mod webhook;

use pyo3::prelude::*;

/// The private native module; `grantline` is the public one.
#[pymodule]
mod _grantline {
    #[pymodule_export]
    use crate::api::{ApiAccess, ApiRefusal, Verdict};
    #[pymodule_export]
    use crate::browser_login::{BrowserLogin, LoginPage};
    #[pymodule_export]
    use crate::callback::{Binding, Callback};
    #[pymodule_export]
    use crate::client::Client;
    #[pymodule_export]
    use crate::ending::end_process;
    #[pymodule_export]
    use crate::events::{Event, Events};
    #[pymodule_export]
    use crate::identity::{IdTokenClaims, IdTokenExpectations, check_id_token};
    #[pymodule_export]
    use crate::introspection::{Inspection, Introspection, inspect};
    #[pymodule_export]
    use crate::login::{BegunLogin, BrowserBinding, LoggedIn, PendingLogin, StoredLogin};
    #[pymodule_export]
    use crate::login_apps::{LoginApp, NativeApp, SinglePageApp, WebApp};
    #[pymodule_export]
    use crate::logout::{BegunLogout, LogoutNotice, LogoutRedirect, check_logout_token};
    #[pymodule_export]
    use crate::provider::Provider;
    #[pymodule_export]
    use crate::sealing::SealingKeys;
    #[pymodule_export]
    use crate::service::{ServiceApp, TenantChoice};
    #[pymodule_export]
    use crate::session::{Revocation, Session};
    #[pymodule_export]
    use crate::session_ids::SessionIds;
    #[pymodule_export]
    use crate::store::Store;
    #[pymodule_export]
    use crate::store_contract::check_store;
    #[pymodule_export]
    use crate::token::{AccessToken, Scopes, TokenSource};
    #[pymodule_export]
    use crate::user_info::UserInfo;
    #[pymodule_export]
    use crate::webhook::{WebhookEvent, verify_webhook};

    use pyo3::prelude::*;

    /// From here on a forked child knows that it is one.
    #[pymodule_init]
    fn watch_forks(_module: &Bound<'_, PyModule>) -> PyResult<()> {
        grantline::fork::watch().map_err(crate::error::raised)
    }
}
