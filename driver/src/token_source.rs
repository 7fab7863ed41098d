//! Where tokens come from: memory while they are fresh, the engine when not.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use grantline_core::{
    AccessToken, ApiOrigins, Engine, Error, Freshness, Generation, LoginApp, Operation, Output, ServiceApp,
    ServiceTokenRequest, SessionId, Slot,
};

use crate::api::Api;
use crate::call::Call;
use crate::client::ClientState;
use crate::clock;
use crate::fork::Process;

/// A handle on one token, of a service or of a session. Cloning it is cheap.
///
/// While the token is fresh, asking for it takes no lock and allocates nothing.
#[derive(Clone)]
pub struct TokenSource(Arc<Source>);

struct Source {
    client: Arc<ClientState>,
    grant: Grant,
    /// In the process that made the handle; it is read by every call, and changes never.
    first: Option<Place>,
    /// In a forked child.
    later: ArcSwapOption<Place>,
}

/// Whose token it is.
#[derive(Clone)]
pub(crate) enum Grant {
    Service { app: ServiceApp, request: ServiceTokenRequest },
    Session { app: LoginApp, session: SessionId },
}

/// Where the token stands in the memory of a process.
struct Place {
    process: Process,
    slot: Arc<Slot>,
}

impl TokenSource {
    pub(crate) fn new(client: &Arc<ClientState>, grant: Grant) -> Self {
        // What keeps the place from being found is told to whoever asks for a token.
        let first = Place::of(&grant, client).ok();
        Self(Arc::new(Source { client: Arc::clone(client), grant, first, later: ArcSwapOption::empty() }))
    }

    /// Reads the token where it stands, if it is good now; `None` asks for [`Self::fresh_token`]. The shortest way for
    /// who asks often: threads that read at once do not get in each other's way.
    ///
    /// Near the token's end the next one is fetched in the background. `read` should not take long.
    ///
    /// ```
    /// # fn example(source: &grantline::TokenSource) -> Option<String> {
    /// source.peek(|token| format!("Bearer {}", token.expose_secret()))
    /// # }
    /// ```
    pub fn peek<R>(&self, read: impl FnOnce(&AccessToken) -> R) -> Option<R> {
        let source = &*self.0;
        source.with_slot(|slot| source.peek(slot, read)).ok().flatten()
    }

    /// A token that is good now. Near its end the next one is fetched in the background while this one is still
    /// handed out; callers wait only when there is none. All who wait share one request.
    pub fn fresh_token(&self) -> Call<Arc<AccessToken>> {
        let source = &*self.0;
        let asked = source.with_slot(|slot| source.grant.fresh_token(&source.client, slot));
        asked.unwrap_or_else(|error| Call::known(Err(error)))
    }

    /// A token later than the one in hand, although that is still fresh.
    pub fn refresh(&self) -> Call<Arc<AccessToken>> {
        let source = &*self.0;
        let in_hand = |slot: &Slot| slot.peek(clock::now(), |token, _| token.generation());
        let asked = source.with_slot(|slot| source.grant.ask(&source.client, in_hand(slot)));
        asked.unwrap_or_else(|error| Call::known(Err(error)))
    }

    /// An API refused this token although it is not past its time: it is not handed out again, and whoever asks next
    /// gets a later one. If there is a later one already, nothing happens.
    pub fn invalidate(&self, refused: &AccessToken) {
        // A client that was shut down hands out nothing anyway.
        let _ = self.0.with_slot(|slot| slot.invalidate(refused.generation()));
    }

    /// An API at these origins, whose requests go out with these tokens.
    pub fn api(&self, origins: ApiOrigins) -> Api {
        Api::new(self, origins)
    }
}

impl Source {
    fn peek<R>(&self, slot: &Slot, read: impl FnOnce(&AccessToken) -> R) -> Option<R> {
        let (seen, ahead) = slot.peek(clock::now(), |token, freshness| {
            (read(token), (freshness == Freshness::RefreshAhead).then_some(token.generation()))
        })?;
        if ahead.is_some() {
            self.grant.fetch_ahead(&self.client, ahead);
        }
        Some(seen)
    }

    /// Finds where the token stands in this process.
    fn with_slot<T>(&self, work: impl FnOnce(&Slot) -> T) -> Result<T, Error> {
        let is_here = |place: &&Place| self.client.is_open_in(place.process);
        if let Some(place) = self.first.as_ref().filter(is_here) {
            return Ok(work(&place.slot));
        }
        if let Some(place) = self.later.load().as_deref().filter(is_here) {
            return Ok(work(&place.slot));
        }
        let place = Arc::new(Place::of(&self.grant, &self.client)?);
        self.later.store(Some(Arc::clone(&place)));
        Ok(work(&place.slot))
    }
}

impl Place {
    fn of(grant: &Grant, client: &ClientState) -> Result<Self, Error> {
        let pump = client.pump()?;
        Ok(Self { process: pump.process(), slot: grant.slot(&pump.engine) })
    }
}

impl Grant {
    pub(crate) fn slot(&self, engine: &Engine) -> Arc<Slot> {
        match self {
            Self::Service { app, request } => engine.service_slot(app, request),
            Self::Session { app, session } => engine.session_slot(&app.session_key(session.clone())),
        }
    }

    pub(crate) fn fresh_token(&self, client: &ClientState, slot: &Slot) -> Call<Arc<AccessToken>> {
        match slot.look(clock::now()) {
            Some((token, Freshness::RefreshAhead)) => {
                self.fetch_ahead(client, Some(token.generation()));
                Call::known(Ok(token))
            }
            Some((token, _)) => Call::known(Ok(token)),
            None => self.ask(client, None),
        }
    }

    /// Asks the engine. A token of the generation `newer_than` or an older one will not do.
    fn ask(&self, client: &ClientState, newer_than: Option<Generation>) -> Call<Arc<AccessToken>> {
        Call::begin(client, self.operation(newer_than), Box::new(token))
    }

    /// Nobody waits for it. What keeps it from beginning is told to whoever asks when the token has ended.
    fn fetch_ahead(&self, client: &ClientState, newer_than: Option<Generation>) {
        let _ = client.pump().and_then(|pump| pump.begin(self.operation(newer_than)));
    }

    fn operation(&self, newer_than: Option<Generation>) -> Operation {
        match self.clone() {
            Self::Service { app, request } => Operation::ServiceToken { app, request, newer_than },
            Self::Session { app, session } => Operation::SessionToken { app, session, newer_than },
        }
    }
}

impl std::fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenSource").finish_non_exhaustive()
    }
}

fn token(output: Output) -> Result<Arc<AccessToken>, Error> {
    match output {
        Output::Token(token) => Ok(token),
        _ => Err(Error::Internal("a token was asked for and something else came")),
    }
}
