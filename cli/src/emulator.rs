//! `grantline emulator`.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use grantline_emulator::{Application, Config, ConfigError, DEFAULT_TOML, Mode, Server, StartError};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The port to listen on; 0 takes any free one
    #[arg(long, default_value_t = 4455)]
    port: u16,
    /// What to do where Visma Connect and the RFCs differ; overrides the configuration file
    #[arg(long)]
    mode: Option<ModeArgument>,
    /// Applications, tenants, users and lifetimes; without it, a built-in set that is printed on start
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print the built-in configuration, a commented start for a file of your own, and end
    #[arg(long)]
    print_config: bool,
    /// Listen on another address than 127.0.0.1. Its passwords and secrets are public: anyone who
    /// reaches the address can log in
    #[arg(long, value_name = "ADDR")]
    dangerous_listen: Option<IpAddr>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ModeArgument {
    #[value(alias = "visma")]
    VismaConnect,
    Standard,
}

impl From<ModeArgument> for Mode {
    fn from(argument: ModeArgument) -> Self {
        match argument {
            ModeArgument::VismaConnect => Self::VismaConnect,
            ModeArgument::Standard => Self::Standard,
        }
    }
}

/// Why the command ended early; one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EmulatorError {
    #[error("cannot read {}: {source}; check the path given to --config", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("{}: {source}", path.display())]
    Config { path: PathBuf, source: ConfigError },
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("the system refused: {0}; try again")]
    System(#[from] io::Error),
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), EmulatorError> {
    if arguments.print_config {
        return Ok(io::stdout().write_all(DEFAULT_TOML.as_bytes())?);
    }
    let mut config = arguments.config.as_deref().map_or_else(|| Ok(Config::default()), read)?;
    config.mode = arguments.mode.map_or(config.mode, Mode::from);
    let ip = arguments.dangerous_listen.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let server = Server::bind(SocketAddr::new(ip, arguments.port), config.clone())?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let end = end_of_life()?;
        greet(&mut io::stdout().lock(), &server, &config)?;
        Ok(server.serve(end).await?)
    })
}

fn read(path: &Path) -> Result<Config, EmulatorError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| EmulatorError::Read { path: path.to_owned(), source })?;
    Config::from_toml(&text).map_err(|source| EmulatorError::Config { path: path.to_owned(), source })
}

/// Completes on Ctrl-C or, where there is one, SIGTERM. The handlers are in place when this returns.
#[cfg(unix)]
fn end_of_life() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn end_of_life() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a handler the system ends the process by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}

fn greet(out: &mut impl Write, server: &Server, config: &Config) -> io::Result<()> {
    let address = server.address();
    writeln!(out, "grantline emulator, mode {}", config.mode)?;
    writeln!(out, "  issuer        {}", server.issuer())?;
    writeln!(out, "  listens on    {address}")?;
    if !address.ip().is_loopback() {
        writeln!(out, "  WARNING       not loopback: anyone who reaches it can use the credentials below")?;
    }
    writeln!(out, "  end it with   Ctrl-C")?;
    writeln!(out, "\napplications")?;
    for application in &config.applications {
        describe(out, application)?;
    }
    writeln!(out, "\nusers (name / password)")?;
    for user in &config.users {
        writeln!(out, "  {} / {}", user.username, user.password.expose_secret())?;
    }
    writeln!(out, "\ntenants")?;
    for tenant in &config.tenants {
        writeln!(out, "  {}  {}", tenant.id, tenant.name)?;
    }
    writeln!(out, "\nready http://{address}")?;
    out.flush()
}

fn describe(out: &mut impl Write, application: &Application) -> io::Result<()> {
    writeln!(out, "  {}: {} ({:?})", application.client_id, application.name, application.kind)?;
    let secret = application.secret.as_ref().map_or("none, a public client", |secret| secret.expose_secret());
    writeln!(out, "      secret     {secret}")?;
    writeln!(out, "      scopes     {}", application.scopes.join(" "))?;
    if !application.redirect_uris.is_empty() {
        writeln!(out, "      redirects  {}", application.redirect_uris.join(" "))?;
    }
    if !application.post_logout_redirect_uris.is_empty() {
        writeln!(out, "      logged out {}", application.post_logout_redirect_uris.join(" "))?;
    }
    if !application.approved_tenants.is_empty() {
        writeln!(out, "      approved   {}", application.approved_tenants.join(" "))?;
    }
    if let Some(tenant) = &application.default_tenant {
        writeln!(out, "      default    {tenant}")?;
    }
    Ok(())
}
