//! A Redis server.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::failure::Result;
use crate::folder::{Folder, Owner};
use crate::process::{Recipe, Server, free_port, output};
use crate::programs::Program;

/// A Redis server without persistence, on loopback.
#[derive(Debug)]
pub struct Redis {
    server: Server,
    tls: bool,
    cluster_port: Option<u16>,
}

/// How it is to be started.
#[derive(Debug, Default)]
#[must_use]
pub struct RedisOptions {
    settings: Vec<(&'static str, String)>,
    tls: Option<(String, String)>,
    is_in_cluster: bool,
}

impl RedisOptions {
    /// A line of `redis.conf`: `("maxmemory", "2mb")`.
    pub fn setting(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.settings.push((name, value.into()));
        self
    }

    /// Speaks TLS only, with this certificate for `localhost` and its key, both in PEM.
    pub fn tls(mut self, certificate: impl Into<String>, key: impl Into<String>) -> Self {
        self.tls = Some((certificate.into(), key.into()));
        self
    }

    /// Is a node of a cluster, as yet without slots and without others.
    pub fn in_cluster(mut self) -> Self {
        self.is_in_cluster = true;
        self
    }

    /// Starts it.
    ///
    /// Errors: a program is missing, or the server said why it does not start.
    pub fn start(self) -> Result<Redis> {
        let program = Program::REDIS_SERVER.require()?;
        let folder = Folder::new("redis", Owner::Myself)?;
        if let Some((certificate, key)) = &self.tls {
            folder.write("certificate.pem", certificate)?;
            folder.write("key.pem", key)?;
        }
        // Unless it is told, it takes one that is higher by 10,000, which there may not be.
        let cluster_port = self.is_in_cluster.then(free_port).transpose()?;
        let server = Server::start(folder, |folder, port| {
            let arguments = self.arguments(folder.path(), port, cluster_port);
            Ok(Recipe {
                program: program.clone(),
                arguments,
                ready: "Ready to accept connections",
                end: "TERM",
            })
        })?;
        Ok(Redis { server, tls: self.tls.is_some(), cluster_port })
    }

    fn arguments(&self, folder: &Path, port: u16, cluster_port: Option<u16>) -> Vec<OsString> {
        let mut arguments = vec![];
        let mut add = |name: &str, value: &str| {
            arguments.extend([format!("--{name}").into(), OsString::from(value)]);
        };
        add("bind", "127.0.0.1");
        add("dir", &folder.to_string_lossy());
        add("save", "");
        if self.tls.is_some() {
            let file = |name| folder.join(name).to_string_lossy().into_owned();
            add("port", "0");
            add("tls-port", &port.to_string());
            add("tls-cert-file", &file("certificate.pem"));
            add("tls-key-file", &file("key.pem"));
            add("tls-auth-clients", "no");
        } else {
            add("port", &port.to_string());
        }
        if let Some(port) = cluster_port {
            add("cluster-enabled", "yes");
            add("cluster-port", &port.to_string());
        }
        for (name, value) in &self.settings {
            add(name, value);
        }
        arguments
    }
}

impl Redis {
    /// One with the usual settings.
    ///
    /// Errors: as [`RedisOptions::start`].
    pub fn start() -> Result<Self> {
        Self::with().start()
    }

    /// One with settings of the test's own.
    pub fn with() -> RedisOptions {
        RedisOptions::default()
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Where other nodes of its cluster reach it.
    pub fn cluster_port(&self) -> Option<u16> {
        self.cluster_port
    }

    /// `redis://127.0.0.1:port`, or `rediss://localhost:port`: the name that its certificate is for.
    pub fn url(&self) -> String {
        let port = self.port();
        if self.tls { format!("rediss://localhost:{port}") } else { format!("redis://127.0.0.1:{port}") }
    }

    /// What `redis-cli` answers to a command.
    ///
    /// Errors: it is missing, or the server cannot be reached. An error that Redis answers is an answer.
    pub fn command(&self, words: &[&str]) -> Result<String> {
        let mut cli = Command::new(Program::REDIS_CLI.require()?);
        cli.args(["-h", "127.0.0.1", "-p", &self.port().to_string()]).args(words);
        Ok(output(&mut cli)?.trim_end().to_owned())
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) {
        self.server.kill();
    }

    /// Starts it again on the same port. Without persistence (`appendonly yes`) it is empty then.
    ///
    /// Errors: as of starting it.
    pub fn restart(&mut self) -> Result<()> {
        self.server.restart()
    }

    /// Stops it in its tracks (SIGSTOP): it accepts connections and answers nothing.
    ///
    /// Errors: it has ended.
    pub fn pause(&self) -> Result<()> {
        self.server.signal("STOP")
    }

    /// Goes on (SIGCONT).
    ///
    /// Errors: it has ended.
    pub fn resume(&self) -> Result<()> {
        self.server.signal("CONT")
    }
}
