//! The login that begins every session: on host 0, before anything goes wrong.

use grantline_core::{Effect, Error, Operation, Output, Reply, StoreRequest, Todo};

use crate::callers::seed;
use crate::wire::json;
use crate::world::World;

impl World<'_> {
    pub(crate) fn log_in(&mut self, session: usize) -> Result<(), Error> {
        let begin = self.client.begin_login(session)?;
        if let Some(Output::LoginBegun(begun)) = self.at_once(session, begin)? {
            self.at_once(session, self.client.complete_login(session, begun.pending))?;
        }
        Ok(())
    }

    /// Carries out an operation on host 0 without letting time pass.
    fn at_once(&mut self, session: usize, operation: Operation) -> Result<Option<Output>, Error> {
        let host = &mut self.hosts[0];
        let Some(engine) = &host.engine else { return Ok(None) };
        host.calls += 1;
        let now = host.clock.now(self.now);
        engine.call(operation, seed(self.plan.seed, 0, host.calls), now);
        while let Some(todo) = engine.next() {
            let Todo::Do { id, effect, .. } = todo else { continue };
            let reply = match effect {
                Effect::Http(_) => {
                    let (access, refresh) = self.server.login(session, self.now);
                    self.server.access[access].saved = Some(self.now);
                    json(200, &self.server.success(access, refresh, true))
                }
                Effect::Store(StoreRequest::On { operation, .. }) => {
                    Reply::Store(self.store.perform(session, operation, self.now))
                }
                other => other.declined("a login needs the server and the store"),
            };
            engine.reply(id, reply, now);
        }
        engine.next_outcome().map(|(_, outcome)| outcome).transpose()
    }
}
