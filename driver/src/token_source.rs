//! Where tokens come from: memory while they are fresh, the engine when not.

use std::sync::Arc;

use grantline_core::{AccessToken, Error, Freshness, Generation, Operation, Output, Slot};

use crate::call::Call;
use crate::clock;
use crate::pump::Pump;

/// A handle on one token, of a service or of a session. While the token is fresh, asking it takes no lock.
#[derive(Clone)]
pub struct TokenSource {
    pump: Arc<Pump>,
    slot: Arc<Slot>,
    /// The operation that gets the token, for a generation that will not do.
    operation: Arc<dyn Fn(Option<Generation>) -> Operation + Send + Sync>,
}

impl TokenSource {
    pub(crate) fn new(
        pump: &Arc<Pump>,
        slot: Arc<Slot>,
        operation: impl Fn(Option<Generation>) -> Operation + Send + Sync + 'static,
    ) -> Self {
        Self { pump: Arc::clone(pump), slot, operation: Arc::new(operation) }
    }

    /// A token that is good now. Near its end the next one is fetched in the background while this one is still
    /// handed out; callers wait only when there is none. All who wait share one request.
    pub fn fresh_token(&self) -> Call<Arc<AccessToken>> {
        match self.slot.look(clock::now()) {
            Some((token, Freshness::RefreshAhead)) => {
                // Nobody waits for it, and it goes on all the same.
                drop(self.ask(Some(token.generation())));
                Call::known(Ok(token))
            }
            Some((token, _)) => Call::known(Ok(token)),
            None => self.ask(None),
        }
    }

    /// A token later than the one in hand, although that is still fresh: after an API refused it.
    pub fn refresh(&self) -> Call<Arc<AccessToken>> {
        let in_hand = self.slot.look(clock::now()).map(|(token, _)| token.generation());
        self.ask(in_hand)
    }

    fn ask(&self, newer_than: Option<Generation>) -> Call<Arc<AccessToken>> {
        Call::begin(&self.pump, (self.operation)(newer_than), Box::new(token))
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
