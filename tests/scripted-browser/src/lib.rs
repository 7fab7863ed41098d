//! A scripted browser for tests: it follows redirects, sends cookies as `SameSite` says, and fills in the forms of login
//! and consent pages as one of two users does.
//!
//! It knows the pages of the emulator, of `oidc-provider` as the judges set it up, and of Keycloak. It runs no script: a
//! page that posts its form by itself is one whose form is posted. What a page does in a browser that people use is tested
//! in `tests/browser`.

mod browser;
mod cookies;
mod page;
mod user;

pub use browser::{Browser, Landing};
pub use page::{Form, Page};
pub use user::User;

/// Why the browser could not go on, in words.
pub type Failure = Box<dyn std::error::Error>;
