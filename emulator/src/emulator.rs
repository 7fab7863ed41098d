//! An emulator on a thread of its own, for tests.

mod control;

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::app_state::Shared;
use crate::authorize::{self, Landing, LoginAtOnce, LoginError};
use crate::clock::Clock;
use crate::config::Config;
use crate::control::{ApprovalError, ControlError, applications, approvals};
use crate::faults::{CannedReply, Fault, FaultError};
use crate::grants::{self, BegunGrant, GrantError, GrantRequest};
use crate::journal::{RecordedRequest, RequestFilter};
use crate::keys::{KeyRotation, RotationError};
use crate::logout;
use crate::notices::{self, Delivery, Notice};
use crate::server::{ANY_LOOPBACK_PORT, Server, StartError};
use crate::state::{GrantReport, SessionReport};
use crate::state_file::StateFile;
use crate::visit::Visit;

/// A running emulator on loopback; it ends when dropped.
///
/// It has its own thread and runtime, so it is used from a synchronous test and from inside any
/// runtime alike.
pub struct Emulator {
    shared: Shared,
    runtime: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Emulator {
    /// Starts an emulator on a free port of 127.0.0.1; it answers when this returns.
    ///
    /// # Errors
    ///
    /// [`StartError`]: the configuration or the system is in the way.
    pub fn start(config: Config) -> Result<Self, StartError> {
        Self::start_on(ANY_LOOPBACK_PORT, config)
    }

    /// The same on an address of choice, such as the one an earlier emulator had.
    ///
    /// # Errors
    ///
    /// [`StartError`]: the address, the configuration or the system is in the way.
    pub fn start_on(address: SocketAddr, config: Config) -> Result<Self, StartError> {
        Self::run(Server::bind(address, config)?)
    }

    /// The same with what a state file has. The file is written soon after each change, and when the emulator ends.
    ///
    /// # Errors
    ///
    /// [`StartError`]: the file, the address or the system is in the way.
    pub fn resume(address: SocketAddr, file: StateFile) -> Result<Self, StartError> {
        Self::run(Server::resume(address, file)?)
    }

    fn run(server: Server) -> Result<Self, StartError> {
        let shared = server.shared();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|_| StartError::System("making a runtime"))?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            // An error here is the system's; the test then sees refused connections.
            let _ = runtime.block_on(server.serve(async {
                let _ = stopped.await;
            }));
        };
        let thread = std::thread::Builder::new()
            .name("grantline-emulator".to_owned())
            .spawn(serve)
            .map_err(|_| StartError::System("starting a thread"))?;
        Ok(Self { shared, runtime: handle, stop: Some(stop), thread: Some(thread) })
    }

    /// The base URL without a trailing slash, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    /// The issuer: the base URL, unless the configuration names another.
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// The configuration as it is now. A later change is not seen in it.
    pub fn config(&self) -> Arc<Config> {
        self.shared.config()
    }

    /// The clock by which it counts every lifetime.
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// Moves its clock forward, so that tokens expire without waiting.
    pub fn advance_clock(&self, by: Duration) {
        self.shared.clock.advance(by);
    }

    /// Sets its clock so many seconds ahead of the system's, or behind it if negative.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.shared.clock.set_offset(seconds);
    }

    /// Changes the signing keys.
    ///
    /// # Errors
    ///
    /// [`RotationError`]: too many are published; they stay as they are.
    pub fn rotate_keys(&self, rotation: KeyRotation) -> Result<(), RotationError> {
        self.shared.keys.rotate(rotation)
    }

    /// From now on this goes wrong, as often as it says; its number.
    ///
    /// # Errors
    ///
    /// [`FaultError`] says why it could never happen, or that too many wait.
    pub fn add_fault(&self, fault: Fault) -> Result<u64, FaultError> {
        self.shared.faults.add(fault)
    }

    /// The faults that still wait for requests, oldest first, with the times that are left.
    pub fn faults(&self) -> Vec<Fault> {
        self.shared.faults.list().into_iter().map(|waiting| waiting.fault).collect()
    }

    /// Forgets the fault of this number, and lets every answer go that is being held back.
    ///
    /// # Errors
    ///
    /// [`ControlError::Unknown`]: none of this number waits.
    pub fn clear_fault(&self, number: u64) -> Result<(), ControlError> {
        self.shared.faults.clear_one(number)
    }

    /// Forgets all faults, prepared replies among them, and lets every answer go that is being held back.
    pub fn clear_faults(&self) {
        self.shared.faults.clear(|_| true);
    }

    /// Prepares an answer for the next matching request, in the place of the real one or as a delay of it: the fault
    /// `reply`.
    ///
    /// # Errors
    ///
    /// [`FaultError`] names what HTTP does not allow.
    pub fn reply_next(&self, reply: CannedReply) -> Result<(), FaultError> {
        self.add_fault(reply.into()).map(drop)
    }

    /// Forgets all prepared replies, and lets every answer go that is being held back.
    pub fn clear_replies(&self) {
        self.shared.faults.clear(|waiting| waiting.fault.is_reply());
    }

    /// This client's requests so far, oldest first, those not yet answered included.
    pub fn requests(&self, client_id: &str) -> Vec<RecordedRequest> {
        self.find_requests(&of_client(client_id))
    }

    /// All requests so far that match, oldest first.
    pub fn find_requests(&self, filter: &RequestFilter) -> Vec<RecordedRequest> {
        self.shared.journal.find(filter)
    }

    /// Blocks this thread until `count` requests that match have arrived, or `limit` has passed;
    /// answers those there are.
    pub fn wait_for_requests(
        &self,
        filter: &RequestFilter,
        count: usize,
        limit: Duration,
    ) -> Vec<RecordedRequest> {
        self.shared.journal.wait(filter, count, limit)
    }

    /// Answers an authorization request, given by its URL, as if this user had logged in and given access.
    ///
    /// # Errors
    ///
    /// [`LoginError`] says what a browser would have come to.
    pub fn log_in(&self, url: &str, username: &str) -> Result<Landing, LoginError> {
        let login = LoginAtOnce { url: url.to_owned(), username: username.to_owned() };
        authorize::log_in(&Visit::begin(&self.shared, self.shared.keys.ring()), &login)
    }

    /// Begins grants without a login: each with its number and its first refresh token.
    ///
    /// # Errors
    ///
    /// [`GrantError`] names what the configuration does not have.
    pub fn begin_grants(&self, request: &GrantRequest) -> Result<Vec<BegunGrant>, GrantError> {
        grants::begin(&self.shared, request)
    }

    /// What became of this client's grants, oldest first: the server's word on how often each was refreshed or
    /// replayed, and whether it is alive.
    pub fn grants(&self, client_id: &str) -> Vec<GrantReport> {
        self.shared.grants(|grant| grant.client_id == client_id)
    }

    /// From now on this client's access tokens live for so many seconds. With 0 they have expired on arrival. Somebody
    /// unknown has none.
    pub fn set_access_token_lifetime(&self, client_id: &str, seconds: u64) {
        // The one error is an unknown client.
        let _ = applications::set_access_token_lifetime(&self.shared, client_id, seconds);
    }

    /// The sessions of this user that are not over, of which somebody unknown has none; that one last which began last.
    pub fn sessions(&self, username: &str) -> Vec<SessionReport> {
        let config = self.shared.config();
        let sub = config.user(username).map_or("", |user| &user.sub);
        self.shared.sessions(|session| session.sub == sub)
    }

    /// Ends all sessions of this user, of which somebody unknown has none, and has their applications told; how many
    /// are told.
    pub fn log_out(&self, username: &str) -> usize {
        let config = self.shared.config();
        let sub = config.user(username).map_or("", |user| &user.sub);
        let notices = logout::end(&self.shared, &logout::sessions_of(&self.shared, sub));
        self.send(notices)
    }

    /// The same for the one session with this `sid`.
    pub fn end_session(&self, sid: &str) -> usize {
        let notices = logout::end(&self.shared, &[sid.to_owned()]);
        self.send(notices)
    }

    /// A tenant approves a service: from now on it gets tokens for the tenant. Its webhook, if it has one, is sent.
    ///
    /// # Errors
    ///
    /// [`ApprovalError`] names what the configuration does not have.
    pub fn approve_tenant(&self, client_id: &str, tenant_id: &str) -> Result<(), ApprovalError> {
        let webhook = approvals::approve(&self.shared, client_id, tenant_id)?;
        self.send(webhook.into_iter().collect());
        Ok(())
    }

    /// A tenant withdraws its approval of a service: from now on it gets no tokens for the tenant.
    ///
    /// # Errors
    ///
    /// [`ApprovalError`] names what the configuration does not have.
    pub fn withdraw_tenant(&self, client_id: &str, tenant_id: &str) -> Result<(), ApprovalError> {
        approvals::withdraw(&self.shared, client_id, tenant_id)
    }

    /// The logout tokens and webhooks that were sent, and what became of them, in the order in which first attempts
    /// ended.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.shared.deliveries.list()
    }

    /// Blocks this thread until `count` of them have ended, or `limit` has passed; answers those there are.
    pub fn wait_for_deliveries(&self, count: usize, limit: Duration) -> Vec<Delivery> {
        self.shared.deliveries.wait(count, limit)
    }

    /// Sends the delivery of this number again, word for word; what became of it is one more attempt of it.
    ///
    /// # Errors
    ///
    /// [`ControlError::Unknown`]: there is none of this number.
    pub fn repeat_delivery(&self, number: u64) -> Result<(), ControlError> {
        let shared = Arc::clone(&self.shared);
        notices::check_known(&shared, number)?;
        self.runtime.spawn(async move { notices::repeat(&shared, number).await });
        Ok(())
    }

    fn send(&self, notices: Vec<Notice>) -> usize {
        let (shared, count) = (Arc::clone(&self.shared), notices.len());
        self.runtime.spawn(async move { notices::send(&shared, notices).await });
        count
    }

    /// Stops it and cuts open connections; dropping does the same.
    pub fn stop(self) {
        drop(self);
    }
}

fn of_client(client_id: &str) -> RequestFilter {
    RequestFilter { client_id: Some(client_id.to_owned()), ..RequestFilter::default() }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // The receiver is gone only when the thread has already ended.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            // A panic on that thread has been printed by the panic hook.
            let _ = thread.join();
        }
    }
}

impl std::fmt::Debug for Emulator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Emulator").field("url", &self.url()).finish_non_exhaustive()
    }
}
