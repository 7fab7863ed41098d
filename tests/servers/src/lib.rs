//! Real servers for tests: Redis, PostgreSQL, and PgBouncer in front of it.
//!
//! Each runs as a process of its own on loopback, on a port that the system chose, with its data in a temporary folder.
//! It has answered before `start` returns, and ends when its value is dropped. One that is kept in a `static` ends
//! with the process that started it, however that process ends.
//!
//! The programs come from the system's packages: `cargo xtask test rust` installs them where that can be done. The
//! packages' own services are neither used nor started.

mod failure;
#[cfg(unix)]
mod folder;
#[cfg(unix)]
mod output;
#[cfg(unix)]
mod pgbouncer;
#[cfg(unix)]
mod postgres;
#[cfg(unix)]
mod process;
mod programs;
#[cfg(unix)]
mod redis;

pub use failure::{Failure, Result};
#[cfg(unix)]
pub use pgbouncer::PgBouncer;
#[cfg(unix)]
pub use postgres::{Postgres, PostgresOptions};
pub use programs::Program;
#[cfg(unix)]
pub use redis::{Redis, RedisOptions};
