//! A PostgreSQL server.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Result;
use crate::folder::{Folder, Owner};
use crate::process::{Recipe, Server, command, output};
use crate::programs::Program;

/// The owner of everything in the cluster.
pub(crate) const USER: &str = "grantline";
pub(crate) const PASSWORD: &str = "loopback-only";

/// A PostgreSQL server on loopback, with a superuser whose password is asked for.
///
/// It does not wait for the disk: what a killed server wrote survives all the same, since the system does.
#[derive(Debug)]
pub struct Postgres {
    server: Server,
}

/// How it is to be started.
#[derive(Debug, Default)]
#[must_use]
pub struct PostgresOptions {
    settings: Vec<(&'static str, String)>,
    tls: Option<(String, String)>,
}

impl PostgresOptions {
    /// A line of `postgresql.conf`: `("max_connections", "3")`.
    pub fn setting(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((name, value.into()));
        self
    }

    /// Offers TLS, with this certificate for `localhost` and its key, both in PEM.
    pub fn tls(mut self, certificate: impl Into<String>, key: impl Into<String>) -> Self {
        self.tls = Some((certificate.into(), key.into()));
        self
    }

    /// Starts it.
    ///
    /// Errors: a program is missing, or the server said why it does not start.
    pub fn start(self) -> Result<Postgres> {
        let program = Program::POSTGRES.require()?;
        let folder = Folder::new("postgres", Owner::NeverRoot)?;
        let data = create_cluster(&folder)?;
        let mut settings = self.settings;
        if let Some((certificate, key)) = &self.tls {
            let path = |file: PathBuf| file.to_string_lossy().into_owned();
            settings.push(("ssl", "on".to_owned()));
            settings.push(("ssl_cert_file", path(folder.write("certificate.pem", certificate)?)));
            settings.push(("ssl_key_file", path(folder.write("key.pem", key)?)));
        }
        let server = Server::start(folder, |folder, port| {
            Ok(recipe(&program, &data, folder.path(), port, &settings))
        })?;
        Ok(Postgres { server })
    }
}

/// The files of a server that never ran.
fn create_cluster(folder: &Folder) -> Result<PathBuf> {
    let password = folder.write("password", PASSWORD)?;
    let data = folder.path().join("data");
    let mut initdb = command(&Program::INITDB.require()?, folder);
    initdb.args(["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]);
    initdb.arg(format!("--username={USER}")).arg("--pwfile").arg(password).arg("--pgdata").arg(&data);
    output(&mut initdb)?;
    Ok(data)
}

fn recipe(program: &Path, data: &Path, folder: &Path, port: u16, settings: &[(&str, String)]) -> Recipe {
    let own = [
        ("listen_addresses", "127.0.0.1".to_owned()),
        ("port", port.to_string()),
        ("unix_socket_directories", folder.to_string_lossy().into_owned()),
        ("fsync", "off".to_owned()),
        ("shared_buffers", "16MB".to_owned()),
        ("autovacuum", "off".to_owned()),
    ];
    let mut arguments = vec!["-D".into(), data.into()];
    let chosen = settings.iter().map(|(name, value)| (*name, value.clone()));
    for (name, value) in own.into_iter().chain(chosen) {
        arguments.extend(["-c".into(), format!("{name}={value}").into()]);
    }
    // The signal ends it at once, without a word to its clients: nobody waits for a test's server.
    Recipe {
        program: program.to_owned(),
        arguments,
        ready: "database system is ready to accept connections",
        end: "QUIT",
    }
}

impl Postgres {
    /// One with the usual settings.
    ///
    /// Errors: as [`PostgresOptions::start`].
    pub fn start() -> Result<Self> {
        Self::with().start()
    }

    /// One with settings of the test's own.
    pub fn with() -> PostgresOptions {
        PostgresOptions::default()
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Where its superuser reaches a database; `postgres` is always there.
    pub fn url(&self, database: &str) -> String {
        self.url_as(USER, PASSWORD, database)
    }

    /// Where another user reaches it.
    pub fn url_as(&self, user: &str, password: &str, database: &str) -> String {
        format!("postgres://{user}:{password}@127.0.0.1:{}/{database}", self.port())
    }

    /// Performs statements in a database as its superuser, and gives the rows that the last one prints, unaligned.
    ///
    /// Errors: `psql` is missing, or what it said.
    pub fn sql(&self, database: &str, statements: &str) -> Result<String> {
        let mut psql = Command::new(Program::PSQL.require()?);
        psql.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"]);
        psql.args(["--dbname", &self.url(database), "--command", statements]);
        Ok(output(&mut psql)?.trim_end().to_owned())
    }

    /// A new and empty database.
    ///
    /// Errors: as [`Self::sql`].
    pub fn create_database(&self, name: &str) -> Result<()> {
        self.sql("postgres", &format!("CREATE DATABASE {name} TEMPLATE template0")).map(drop)
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Starts it again on the same port, with what it had committed.
    ///
    /// Errors: as of starting it.
    pub fn restart(&mut self) -> Result<()> {
        self.server.restart()
    }
}
