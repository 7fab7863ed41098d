//! PgBouncer, the pooler.

use crate::failure::Result;
use crate::folder::{Folder, Owner};
use crate::postgres::{PASSWORD, Postgres, USER};
use crate::process::{Recipe, Server};
use crate::programs::Program;

/// A pooler in front of a PostgreSQL server, in transaction mode: the next statement of a client may run in another
/// session of the server.
#[derive(Debug)]
pub struct PgBouncer {
    server: Server,
}

impl PgBouncer {
    /// Starts it with two sessions of the server for all of its clients.
    ///
    /// Errors: the program is missing, or said why it does not start.
    pub fn before(postgres: &Postgres) -> Result<Self> {
        let program = Program::PGBOUNCER.require()?;
        let folder = Folder::new("pgbouncer", Owner::NeverRoot)?;
        let users = folder.write("users.txt", &format!("\"{USER}\" \"{PASSWORD}\"\n"))?;
        let behind = postgres.port();
        let ini = |port: u16| {
            format!(
                "[databases]\n* = host=127.0.0.1 port={behind}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
                 listen_port = {port}\nunix_socket_dir =\nauth_type = scram-sha-256\nauth_file = {}\n\
                 pool_mode = transaction\ndefault_pool_size = 2\n",
                users.display()
            )
        };
        let server = Server::start(folder, |folder, port| {
            let file = folder.write("pgbouncer.ini", &ini(port))?;
            Ok(Recipe {
                program: program.clone(),
                arguments: vec![file.into()],
                ready: "process up",
                end: "TERM",
            })
        })?;
        Ok(Self { server })
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Where the server's superuser reaches a database through it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{}/{database}", self.port())
    }
}
