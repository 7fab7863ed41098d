//! `grantline emulator`.

mod ready;

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use grantline_emulator::{
    Application, Config, ConfigError, DEFAULT_TOML, Mode, PortalHost, Secret, ServeError, Server, StartError,
    StateError, StateFile, StateNews,
};
use serde_json::json;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The port to listen on; 0 takes any free one
    #[arg(long, default_value_t = 4455)]
    port: u16,
    /// The address to listen on: one of this machine's own that others do not reach, such as `::1`
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
    /// Take any address after --listen. The passwords and secrets are public: whoever reaches the address can log in.
    /// The test controls and the portal stay with this machine, unless there is a --portal-host
    #[arg(long)]
    dangerously_let_other_machines_in: bool,
    /// With --dangerously-let-other-machines-in: let the portal and the test controls answer to other machines too, which
    /// call them by this name. For a container whose port is published, it is the name and the port in the browser's address
    /// line, such as `localhost:4455`. Without a port, it is the one that is listened on. May be given more than once
    #[arg(long, value_name = "NAME[:PORT]")]
    portal_host: Vec<PortalHost>,
    /// What to do where Visma Connect and the RFCs differ; overrides the configuration and the state file
    #[arg(long)]
    mode: Option<ModeArgument>,
    /// Applications, tenants, users and lifetimes; without it, a built-in set that is printed on start
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep what changes in this file, which is made if there is none: keys, grants, consents, sessions, and the
    /// configuration, which from then on is taken from here. Without it, all of it ends with the process
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// Print the built-in configuration, a commented start for a file of your own, and end
    #[arg(long)]
    print_config: bool,
    /// Say in one line of JSON that it is ready, and what it knows; warnings and errors too, on standard error
    #[arg(long)]
    pub(crate) json: bool,
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
    #[error(
        "{0} is an address that other machines may reach, and the credentials are public; leave --listen out, or add \
         --dangerously-let-other-machines-in"
    )]
    Reachable(IpAddr),
    #[error(
        "--portal-host lets other machines use the portal and the test controls, which change everything; leave it out, \
         or add --dangerously-let-other-machines-in"
    )]
    PortalReachable,
    #[error("{mode} is not possible: {source}; leave --mode out, or change the configuration")]
    Mode { mode: Mode, source: ConfigError },
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    State(#[from] StateError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error("the system refused: {0}; try again")]
    System(#[from] io::Error),
}

impl From<EmulatorError> for Failure {
    fn from(error: EmulatorError) -> Self {
        let (exit, code) = match error {
            EmulatorError::Read { .. } | EmulatorError::Config { .. } | EmulatorError::Mode { .. } => {
                (Exit::Configuration, "emulator_configuration_invalid")
            }
            EmulatorError::State(_)
            | EmulatorError::Start(StartError::State(_))
            | EmulatorError::Serve(ServeError::State(_)) => (Exit::Store, "emulator_state_unusable"),
            EmulatorError::Start(StartError::System(_))
            | EmulatorError::Serve(_)
            | EmulatorError::System(_) => (Exit::Unexpected, "system_refused"),
            EmulatorError::Reachable(_) | EmulatorError::PortalReachable | EmulatorError::Start(_) => {
                (Exit::Configuration, "emulator_not_started")
            }
        };
        let message = error.to_string();
        let (what, advice) =
            message.rsplit_once("; ").unwrap_or((&message, "change the configuration file or the arguments"));
        Self::new(exit, code, what, advice)
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), EmulatorError> {
    if arguments.print_config {
        return Ok(print_config(arguments.output())?);
    }
    if !arguments.listen.is_loopback() && !arguments.dangerously_let_other_machines_in {
        return Err(EmulatorError::Reachable(arguments.listen));
    }
    if !arguments.portal_host.is_empty() && !arguments.dangerously_let_other_machines_in {
        return Err(EmulatorError::PortalReachable);
    }
    let config = arguments.config.as_deref().map_or_else(|| Ok(Config::default()), read)?;
    let (server, config) = match &arguments.state {
        Some(path) => resume(arguments, path, config)?,
        None => begin(arguments, config)?,
    };
    server.dangerously_let_in_by(&arguments.portal_host);
    // Signatures are work for all processors.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let end = end_of_life()?;
        greet(&server, &config, arguments)?;
        Ok(server.serve(end).await?)
    })
}

fn begin(arguments: &Arguments, mut config: Config) -> Result<(Server, Config), EmulatorError> {
    config.mode = arguments.mode.map_or(config.mode, Mode::from);
    Ok((Server::bind(arguments.address(), config.clone())?, config))
}

fn resume(arguments: &Arguments, path: &Path, config: Config) -> Result<(Server, Config), EmulatorError> {
    let mut file = StateFile::open(path, config)?;
    if arguments.config.is_some() && file.was_begun_with_another_configuration() {
        let path = path.display();
        let words = format!(
            "{path} was begun with another configuration than the one after --config, and the state file has the say; \
             remove it to begin anew"
        );
        arguments.output().warn("emulator_configuration_ignored", &words);
    }
    if let Some(mode) = arguments.mode.map(Mode::from) {
        file.set_mode(mode).map_err(|source| EmulatorError::Mode { mode, source })?;
    }
    let output = arguments.output();
    file.on_news(move |news| tell(output, news));
    let config = file.config().clone();
    Ok((Server::resume(arguments.address(), file)?, config))
}

impl Arguments {
    fn address(&self) -> SocketAddr {
        SocketAddr::new(self.listen, self.port)
    }

    fn output(&self) -> Output {
        Output::new(self.json)
    }
}

fn print_config(output: Output) -> io::Result<()> {
    match output.is_json() {
        true => writeln!(io::stdout(), "{:#}", json!({"configuration": DEFAULT_TOML})),
        false => io::stdout().write_all(DEFAULT_TOML.as_bytes()),
    }
}

/// The emulator goes on whatever becomes of its state file.
fn tell(output: Output, news: StateNews<'_>) {
    match news {
        StateNews::Failed(error) => output.warn(
            "emulator_state_not_written",
            &format!("{error} (it is tried again every second; until then, what changes is in memory only)"),
        ),
        StateNews::Recovered(path) => {
            let path = path.display().to_string();
            output
                .note(&format!("grantline: {path} is written again"), &json!({"state_written_again": path}));
        }
    }
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

fn greet(server: &Server, config: &Config, arguments: &Arguments) -> io::Result<()> {
    let (address, output) = (server.address(), arguments.output());
    if !address.ip().is_loopback() {
        let words = format!(
            "other machines may reach {address}, and whoever does can use the credentials of this emulator"
        );
        output.warn("emulator_open_to_others", &words);
    }
    if !arguments.portal_host.is_empty() {
        output.warn(
            "emulator_portal_open_to_others",
            "--portal-host: whoever reaches this emulator can change everything in it by its portal and test controls",
        );
    }
    let mut out = io::stdout().lock();
    let said = match output.is_json() {
        true => writeln!(out, "{}", ready::object(server, config)).and_then(|()| out.flush()),
        false => introduce(&mut out, server, config),
    };
    match said {
        // Whoever started it reads no more.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// The first line is for programs, the rest for people.
fn introduce(out: &mut impl Write, server: &Server, config: &Config) -> io::Result<()> {
    let public = Config::default();
    writeln!(out, "ready http://{}", server.address())?;
    out.flush()?;
    writeln!(out, "\ngrantline emulator, mode {}", config.mode)?;
    writeln!(out, "  issuer        {}", server.issuer())?;
    let portal = server.portal_url();
    let portal = portal.as_deref().unwrap_or("not to be reached at this address: add --portal-host");
    writeln!(out, "  in a browser  {portal}")?;
    writeln!(out, "  end it with   Ctrl-C")?;
    writeln!(out, "\napplications")?;
    for application in &config.applications {
        describe(out, application, &public)?;
    }
    writeln!(out, "\nusers (name / password)")?;
    for user in &config.users {
        let known = public.user(&user.username).map(|known| &known.password);
        writeln!(out, "  {} / {}", user.username, shown(&user.password, known))?;
    }
    writeln!(out, "\ntenants")?;
    for tenant in &config.tenants {
        writeln!(out, "  {}  {}", tenant.id, tenant.name)?;
    }
    out.flush()
}

fn shown<'a>(secret: &'a Secret, known: Option<&Secret>) -> &'a str {
    public(secret, known).unwrap_or("(not shown)")
}

/// Only what everybody knows from the built-in configuration: what is printed is in logs, too.
fn public<'a>(secret: &'a Secret, known: Option<&Secret>) -> Option<&'a str> {
    let is_known = known.is_some_and(|known| known.expose_secret() == secret.expose_secret());
    is_known.then(|| secret.expose_secret())
}

fn describe(out: &mut impl Write, application: &Application, public: &Config) -> io::Result<()> {
    writeln!(out, "  {}: {} ({:?})", application.client_id, application.name, application.kind)?;
    let known = public.application(&application.client_id).and_then(|known| known.secret.as_ref());
    let secret = application.secret.as_ref().map_or("none, a public client", |secret| shown(secret, known));
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
