//! Logins whose record waits in the store: any server that shares it completes them, once.

use std::time::Duration;

use super::app::LoginApp;
use super::begin::{BegunLogin, begin_login};
use super::binding::{Binding, BrowserBinding};
use super::callback::{Callback, Judgement, ValidatedCallback};
use super::exchange::prepare;
use super::pending::PendingLogin;
use super::request::LoginRequest;
use crate::error::{Error, Misuse, Violation};
use crate::flow::Io;
use crate::secret::SecretBytes;
use crate::seed::Draws;
use crate::store::{Record, RecordKey, RecordOperation, StoreReply};
use crate::time::UnixMillis;
use crate::token::Generation;

/// How much longer than a login its record is kept, so that who is too late is told so.
const KEPT_ON: Duration = Duration::from_secs(3600);
/// What is longer is no state of ours.
const LONGEST_STATE: usize = 100;

/// A login that has begun and whose record is in the store: send the browser to `url`, and set the cookie of `binding`.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredLogin {
    /// Where the browser goes.
    pub url: String,
    /// The cookie for the browser; `None` for native and single-page applications.
    pub binding: Option<BrowserBinding>,
    /// Until when the callback has to come, in milliseconds since 1970.
    pub expires_at: UnixMillis,
}

/// Without the URL, whose query holds state and nonce.
impl std::fmt::Debug for StoredLogin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredLogin")
            .field("binding", &self.binding)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

/// Begins a login, and keeps its record under its state.
pub(crate) async fn begin_stored_login(
    io: &Io,
    app: &LoginApp,
    request: &LoginRequest,
) -> Result<StoredLogin, Error> {
    let BegunLogin { url, pending, binding } = begin_login(io, app, request).await?;
    let key = app.pending_key(&pending.state);
    let bytes = SecretBytes::new(pending.to_record()?.expose_secret().as_bytes().to_vec());
    let (generation, nonce) = (Generation::FIRST, io.draw(Draws::nonce));
    let bytes = io.environment().sealing.seal(&key, generation, &bytes, nonce)?;
    let discard_after = Some(pending.expires.plus(KEPT_ON));
    let record = Record { generation, bytes, discard_after };
    match io.store(key, RecordOperation::Create { record }).await? {
        StoreReply::Done => Ok(StoredLogin { url, binding, expires_at: pending.expires }),
        other => Err(Error::Store(other.into_failure())),
    }
}

/// Finds the login that a callback belongs to, judges the callback, and takes the login out of the store: one of all who
/// bring the same callback gets it (RFC 9700 section 4.2.4). A foreign or forged callback leaves it there.
pub(crate) async fn take_stored_login(
    io: &Io,
    app: &LoginApp,
    callback: &Callback,
    binding: &Binding,
) -> Result<ValidatedCallback, Error> {
    let state = callback.state_named()?;
    if state.len() > LONGEST_STATE {
        return Err(Violation::LoginUnknown.into());
    }
    let key = app.pending_key(&state);
    let pending = load(io, &key).await?;
    let judged = match app.judge_callback(&pending, callback, binding, io.now().wall) {
        Judgement::Foreign(refused) => return Err(refused),
        Judgement::Own(judged) => judged,
    };
    if judged.is_ok() {
        // What cannot be had now leaves the login where it is.
        prepare(io, app.registration(), &pending.scopes()).await?;
    }
    take(io, &key).await?;
    judged.map(|callback| *callback)
}

async fn load(io: &Io, key: &RecordKey) -> Result<PendingLogin, Error> {
    match io.store(key.clone(), RecordOperation::Load).await? {
        StoreReply::Loaded(record) => {
            let bytes = io.environment().sealing.open(key, &record)?;
            let text = std::str::from_utf8(bytes.expose_secret());
            PendingLogin::from_record(text.map_err(|_| Misuse::RecordMalformed)?)
        }
        StoreReply::Ended { .. } => Err(Violation::CallbackAlreadyUsed.into()),
        StoreReply::Missing => Err(Violation::LoginUnknown.into()),
        other => Err(Error::Store(other.into_failure())),
    }
}

/// The tombstone that says who was first need not stay: without it nobody finds the login either.
async fn take(io: &Io, key: &RecordKey) -> Result<(), Error> {
    match io.store(key.clone(), RecordOperation::Close).await? {
        StoreReply::Closed(_) => {
            io.store(key.clone(), RecordOperation::Delete).await?;
            Ok(())
        }
        StoreReply::Ended { .. } | StoreReply::Missing => Err(Violation::CallbackAlreadyUsed.into()),
        other => Err(Error::Store(other.into_failure())),
    }
}
