//! A profile at work: its application, with a client and the store of its sessions.

use std::path::{Path, PathBuf};

use clap::Args;
use grantline::{
    Client, Error, NativeApp, Registration, ServiceApp, Session, SessionId, Store, TokenSource, WebApp,
};

use crate::arguments;
use crate::failure::Failure;
use crate::output::Output;
use crate::places;
use crate::profile::{Kind, Profile, Profiles, StoreLocation, sealing};
use crate::progress;

/// What every command with a profile takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The profile to use, instead of the default one
    #[arg(long, short, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// The profile file [env: `GRANTLINE_CONFIG`] [default: grantline/profiles.toml in the configuration folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The folder of sessions and their sealing key [env: `GRANTLINE_DATA`] [default: grantline in the data folder]
    #[arg(long, value_name = "FOLDER")]
    data: Option<PathBuf>,
    /// Answer in JSON; errors too, on standard error
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which session of the profile.
#[derive(Debug, Args)]
pub(crate) struct SessionName {
    /// The session, if the profile has several [default: the profile's name]
    #[arg(long, value_name = "NAME", value_parser = arguments::session)]
    session: Option<String>,
}

/// An application at work.
pub(crate) struct Opened<'a> {
    pub(crate) profile: Profile<'a>,
    pub(crate) app: App,
    client: Client,
}

/// Of one of the three types.
pub(crate) enum App {
    Service(ServiceApp),
    Web(WebApp),
    Native(NativeApp),
}

/// One whose users log in.
pub(crate) enum LoginApp<'a> {
    Web(&'a WebApp),
    Native(&'a NativeApp),
}

impl Common {
    pub(crate) fn output(&self) -> Output {
        Output::new(self.json)
    }

    pub(crate) fn profiles(&self) -> Result<Profiles, Failure> {
        Profiles::read(&places::profiles(self.config.as_deref())?)
    }

    /// Those of the file, if there is one where nobody named it.
    pub(crate) fn profiles_if_any(&self) -> Result<Option<Profiles>, Failure> {
        match places::profiles(self.config.as_deref()) {
            Ok(path) if self.config.is_some() || path.exists() => Profiles::read(&path).map(Some),
            _ => Ok(None),
        }
    }

    pub(crate) fn choose<'a>(&self, profiles: &'a Profiles) -> Result<Profile<'a>, Failure> {
        profiles.choose(self.profile.as_deref())
    }

    /// Where sessions and their sealing key are. It need not be there yet.
    pub(crate) fn data_folder(&self) -> Result<PathBuf, Failure> {
        places::data(self.data.as_deref())
    }

    /// Puts the profile to work: reads its secret and its sealing key, opens its store.
    pub(crate) fn open<'a>(&self, profiles: &'a Profiles) -> Result<Opened<'a>, Failure> {
        let profile = self.choose(profiles)?;
        let registration = profile.registration()?;
        let client = client(profile, &self.data_folder()?)?;
        let app = App::new(&client, profile.entry.kind, registration)?;
        Ok(Opened { profile, app, client })
    }
}

impl App {
    pub(crate) fn new(client: &Client, kind: Kind, registration: Registration) -> Result<Self, Error> {
        Ok(match kind {
            Kind::Service => Self::Service(client.service_app(registration)?),
            Kind::Web => Self::Web(client.web_app(registration)?),
            Kind::Native => Self::Native(client.native_app(registration)?),
        })
    }
}

fn client(profile: Profile<'_>, data: &Path) -> Result<Client, Failure> {
    let keys = match &profile.entry.sealing_key {
        Some(key) => key.sealing_keys(&profile.folder())?,
        None => sealing::of_this_machine(data)?,
    };
    let store = progress::while_doing(|| store(profile, data), "opening the store")?;
    Ok(Client::builder().store(store).sealing_keys(keys).share_service_tokens().http_when_needed().build()?)
}

/// Where its sessions are kept. An SQLite file that another process holds is waited for.
fn store(profile: Profile<'_>, data: &Path) -> Result<Store, Failure> {
    let folder = profile.folder();
    let opened = match &profile.entry.store {
        None => {
            places::make(data, places::ANOTHER_DATA_FOLDER)?;
            Store::sqlite(data.join("sessions.db"))
        }
        Some(StoreLocation::Sqlite(path)) => Store::sqlite(folder.join(path)),
        Some(StoreLocation::Redis(url)) => Store::redis(url.read(&folder)?.as_str()),
        Some(StoreLocation::Postgres(url)) => Store::postgres(url.read(&folder)?.as_str()),
    };
    opened.map_err(|failure| Failure::from(failure).of_store(profile))
}

impl Opened<'_> {
    /// What takes its tokens from here.
    pub(crate) fn tokens(
        &self,
        session: &SessionName,
        tenant: Option<&str>,
        scopes: &[String],
    ) -> Result<TokenSource, Failure> {
        match &self.app {
            App::Service(_) if session.session.is_some() => Err(self.not_for_services()),
            App::Service(app) => Ok(app.token_source(self.profile.service_request(tenant, scopes)?)),
            _ if tenant.is_some() || !scopes.is_empty() => Err(not_for_sessions()),
            _ => Ok(self.session(session)?.token_source().clone()),
        }
    }

    /// What a token that the store did not take means.
    pub(crate) fn not_saved(&self) -> &'static str {
        match &self.app {
            App::Service(_) => {
                "the token is good, and the store did not take it: the next call asks for another one"
            }
            _ => {
                "the token is good, and the store did not take what came with it: log in again if the next one fails"
            }
        }
    }

    /// The application, if its users log in.
    pub(crate) fn login_app(&self) -> Result<LoginApp<'_>, Failure> {
        match &self.app {
            App::Native(app) => Ok(LoginApp::Native(app)),
            App::Web(app) => Ok(LoginApp::Web(app)),
            App::Service(_) => Err(self.not_for_services()),
        }
    }

    fn not_for_services(&self) -> Failure {
        let what = format!("the profile {} is a service, which has no sessions", self.profile.name);
        let advice = "choose a profile of type web or native, or use `grantline token` without --session";
        Failure::configuration("not_for_services", what, advice)
    }

    pub(crate) fn session(&self, name: &SessionName) -> Result<Session, Failure> {
        let id = self.session_id(name)?;
        Ok(self.login_app()?.session(id))
    }

    /// What went wrong with a session, and the command that logs in to it.
    pub(crate) fn explain(&self, name: &SessionName, failure: impl Into<Failure>) -> Failure {
        let failure = failure.into().of_store(self.profile);
        match self.app {
            App::Service(_) => failure,
            App::Web(_) | App::Native(_) => failure.of_session(self.profile.name, name.session.as_deref()),
        }
    }

    /// The same name for every login that does not choose another: a profile has one session then.
    pub(crate) fn session_id(&self, name: &SessionName) -> Result<SessionId, Failure> {
        Ok(SessionId::new(name.session.as_deref().unwrap_or(self.profile.name))?)
    }

    /// Waits until what was sent is saved, for the end of the command.
    pub(crate) fn close(self) -> Result<(), Failure> {
        let saved = progress::wait(self.client.shutdown(), "saving");
        saved.map_err(|error| Failure::from(error).of_store(self.profile))
    }
}

fn not_for_sessions() -> Failure {
    let what = "--tenant and --scope choose a service's token; those of a session were chosen at its login";
    Failure::usage("not_for_sessions", what, "leave them out, or log in again with --scope")
}

impl LoginApp<'_> {
    pub(crate) fn session(&self, id: SessionId) -> Session {
        match self {
            Self::Web(app) => app.session(id),
            Self::Native(app) => app.session(id),
        }
    }

    /// A page of the sessions' names.
    pub(crate) fn sessions(&self, after: Option<&SessionId>, limit: u32) -> grantline::Call<Vec<SessionId>> {
        match self {
            Self::Web(app) => app.sessions(after, limit),
            Self::Native(app) => app.sessions(after, limit),
        }
    }
}
