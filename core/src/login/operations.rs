//! What an application whose users log in can do.

use super::app::LoginApp;
use super::begin::{BegunLogin, begin_login};
use super::binding::Binding;
use super::callback::{Callback, Judgement, ValidatedCallback};
use super::exchange::{CompletedLogin, Grant, Held, exchange_code, refresh_grant};
use super::pending::PendingLogin;
use super::request::LoginRequest;
use crate::directory;
use crate::error::Error;
use crate::flow::Flow;
use crate::scopes::Scopes;
use crate::secret::{RawIdToken, RefreshToken};
use crate::seed::Seed;
use crate::time::UnixMillis;
use crate::token::Generation;

impl LoginApp {
    /// Begins a login: makes the URL for the browser and the record to keep.
    ///
    /// Errors: any of the refusals of [`Misuse`](crate::Misuse) that concern a login's parameters; nothing is sent.
    pub fn begin_login(&self, request: LoginRequest, seed: Seed) -> Flow<BegunLogin> {
        let app = self.clone();
        Flow::new(seed, async move |io| begin_login(&io, &app, &request).await)
    }

    /// Judges a callback without using it up: nothing is sent, nothing is consumed.
    ///
    /// `now`: milliseconds since 1970. Errors: the violations of an authorization response, or the server's refusal
    /// that the callback brings.
    pub fn check_callback(
        &self,
        pending: &PendingLogin,
        callback: &Callback,
        binding: &Binding,
        now: UnixMillis,
    ) -> Result<ValidatedCallback, Error> {
        match self.judge_callback(pending, callback, binding, now) {
            Judgement::Foreign(refused) => Err(refused),
            Judgement::Own(judged) => judged.map(|callback| *callback),
        }
    }

    /// As [`Self::check_callback`], telling whether the callback uses the login up: a listener goes on waiting after a
    /// foreign one.
    pub fn judge_callback(
        &self,
        pending: &PendingLogin,
        callback: &Callback,
        binding: &Binding,
        now: UnixMillis,
    ) -> Judgement {
        match self.check_owner(pending) {
            Err(refused) => Judgement::Foreign(refused),
            Ok(()) => callback.judge(self, pending, binding, now),
        }
    }

    /// Exchanges the code of a validated callback for tokens. The code is sent once, whatever happens
    /// (RFC 6749 section 4.1.2).
    pub fn exchange(&self, callback: ValidatedCallback, seed: Seed) -> Flow<CompletedLogin> {
        let app = self.clone();
        Flow::new(seed, async move |io| exchange_code(&io, app.registration(), callback).await)
    }

    /// Asks for new tokens once (RFC 6749 section 6). Who keeps sessions by hand must save the new refresh token
    /// before using anything of the answer, and never run two of these for one grant at a time; an
    /// [`Engine`](crate::Engine) sees to both.
    ///
    /// `scopes`: those in force, for servers that do not repeat them. `id_token`: that of the login, with which the one
    /// that the answer brings is compared (OpenID Connect Core section 12.2). Errors: an answer for another user, client
    /// or login is discarded, and any of the token endpoint's.
    pub fn refresh(
        &self,
        token: RefreshToken,
        scopes: Scopes,
        id_token: Option<RawIdToken>,
        seed: Seed,
    ) -> Flow<Grant> {
        let app = self.clone();
        Flow::new(seed, async move |io| {
            let held = Held { refresh_token: &token, scopes: &scopes, id_token: id_token.as_ref() };
            let server = directory::metadata(&io, &app.registration().provider).await?;
            refresh_grant(&io, app.registration(), &server, &held, Generation::FIRST.next()).await
        })
    }
}
