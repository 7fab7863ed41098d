//! The servers in which the sessions of a suite are kept: Redis and PostgreSQL, started once a suite and ended with it.

use std::process::Command;

#[cfg(unix)]
use grantline_test_servers::{Postgres, Redis};

#[cfg(unix)]
use crate::failure::Failure;
use crate::failure::Result;
#[cfg(unix)]
use crate::report::step;
#[cfg(unix)]
use crate::toolchains::servers;
use crate::workspace::Workspace;

/// Both of them, with nothing in them.
#[cfg(unix)]
#[derive(Debug)]
pub(crate) struct Databases {
    redis: Redis,
    postgres: Postgres,
}

#[cfg(unix)]
impl Databases {
    /// Installs their programs where these are missing, and starts them.
    pub(crate) fn start(workspace: &Workspace) -> Result<Self> {
        servers::provide(workspace)?;
        step("starting Redis and PostgreSQL");
        let cannot = |failure: grantline_test_servers::Failure| Failure::new(failure.to_string());
        Ok(Self { redis: Redis::start().map_err(cannot)?, postgres: Postgres::start().map_err(cannot)? })
    }

    /// Tells a program where they are.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.env("GRANTLINE_REDIS_URL", self.redis.url());
        command.env("GRANTLINE_POSTGRES_URL", self.postgres.url("postgres"));
    }
}

/// The tests that need them run on Unix only.
#[cfg(not(unix))]
#[derive(Debug)]
pub(crate) struct Databases;

#[cfg(not(unix))]
impl Databases {
    /// There are none.
    #[allow(clippy::unnecessary_wraps, reason = "elsewhere it starts servers")]
    pub(crate) fn start(_: &Workspace) -> Result<Self> {
        Ok(Self)
    }

    /// There is nothing to tell.
    #[allow(clippy::unused_self, reason = "elsewhere it has servers")]
    pub(crate) fn tell(&self, _: &mut Command) {}
}
