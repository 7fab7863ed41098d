//! Profiles: what `grantline` knows of an application, by name.

mod file;
pub(crate) mod sealing;
mod secret;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use grantline::{
    ApiOrigins, ClientSecret, Provider, Registration, Scopes, ServiceTokenRequest, TenantChoice,
};
use toml::Spanned;

use crate::failure::Failure;
pub(crate) use file::{Authentication, Kind, Refresh, StoreLocation};
use file::{Entry, File};
pub(crate) use secret::keep as keep_in_keyring;

/// A profile file that could be read.
#[derive(Debug)]
pub(crate) struct Profiles {
    path: PathBuf,
    text: String,
    default: Option<String>,
    entries: BTreeMap<String, Entry>,
}

/// One profile of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Profile<'a> {
    pub(crate) name: &'a str,
    pub(crate) entry: &'a Entry,
    profiles: &'a Profiles,
}

impl Profiles {
    /// Reads and checks all of the file, also what is not used now.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let advice = "check the path, or make a file with `grantline init`";
        let text =
            std::fs::read_to_string(path).map_err(|error| Failure::of_file(path, "read", &error, advice))?;
        Self::parse(path, &text)
    }

    /// Checks all of a text as that file's, whether it stands there or not yet.
    pub(crate) fn parse(path: &Path, text: &str) -> Result<Self, Failure> {
        let File { default, profiles } = file::read(path, text)?;
        let mut read =
            Self { path: path.to_owned(), text: text.to_owned(), default: None, entries: profiles };
        if let Some(default) = default {
            read.check_default(&default)?;
            read.default = Some(default.into_inner());
        }
        Ok(read)
    }

    /// The profile of that name; without one the default, or the only one.
    pub(crate) fn choose<'a>(&'a self, name: Option<&str>) -> Result<Profile<'a>, Failure> {
        let found = match (name.or(self.default.as_deref()), self.entries.first_key_value()) {
            (Some(name), _) => self.entries.get_key_value(name).ok_or_else(|| self.unknown(name)),
            (None, Some(only)) if self.entries.len() == 1 => Ok(only),
            (None, None) => {
                Err(self.refusal("has no profile", "add one: `grantline init --print` shows how"))
            }
            (None, Some(_)) => {
                let what = format!("has several profiles and no default: {}", self.names());
                Err(self.refusal(&what, "choose one with --profile, or add the line default = \"NAME\""))
            }
        };
        found.map(|(name, entry)| Profile { name, entry, profiles: self })
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = Profile<'_>> {
        self.entries.iter().map(|(name, entry)| Profile { name, entry, profiles: self })
    }

    pub(crate) fn default(&self) -> Option<&str> {
        self.default.as_deref()
    }

    fn check_default(&self, default: &Spanned<String>) -> Result<(), Failure> {
        if self.entries.contains_key(default.get_ref()) {
            return Ok(());
        }
        let what = format!("default is {:?}, which is no profile here", default.get_ref());
        Err(self.at(default.span().start, &what, &format!("write one of: {}", self.names())))
    }

    fn unknown(&self, name: &str) -> Failure {
        let what = format!("{} has no profile {name:?}", self.path.display());
        let advice = format!("choose one of: {}", self.names());
        Failure::configuration("profile_unknown", what, advice)
    }

    fn names(&self) -> String {
        match self.entries.is_empty() {
            true => "(there is none)".to_owned(),
            false => self.entries.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        }
    }

    fn refusal(&self, what: &str, advice: &str) -> Failure {
        Failure::configuration("profile_missing", format!("{} {what}", self.path.display()), advice)
    }

    /// What is wrong at that place of the file.
    fn at(&self, offset: usize, what: &str, advice: &str) -> Failure {
        file::refused(&self.path, &self.text, offset, what, advice)
    }
}

impl Profile<'_> {
    /// What the provider knows of the application. Reads its secret.
    pub(crate) fn registration(self) -> Result<Registration, Failure> {
        let entry = self.entry;
        let mut registration = Registration::new(self.provider()?, &entry.client_id);
        if let Some(secret) = &entry.client_secret {
            let value = secret.read(&self.folder())?;
            registration = registration.client_secret(ClientSecret::new(value.as_str()));
        }
        if let Some(uri) = &entry.redirect_uri {
            registration = registration.redirect_uri(uri);
        }
        if let (Some(grace), false) = (entry.refresh_grace_s, entry.refresh == Some(Refresh::ReUse)) {
            registration = registration.refresh_grace(Duration::from_secs(grace));
        }
        Ok(match entry.client_authentication {
            None => registration,
            Some(method) => registration.client_authentication(method.of_library()),
        })
    }

    pub(crate) fn provider(self) -> Result<Provider, Failure> {
        let named = &self.entry.provider;
        let provider = match (named.get_ref().as_str(), self.entry.behaves_like) {
            ("visma-connect", None) => return Ok(Provider::visma_connect()),
            ("visma-connect-staging", None) => return Ok(Provider::visma_connect_staging()),
            (issuer, Some(file::Likeness::VismaConnect)) => Provider::visma_connect_at(issuer),
            (issuer, None) => Provider::discover(issuer),
        };
        let provider = provider.map_err(|error| {
            let advice = "write \"visma-connect\", \"visma-connect-staging\", or the issuer's https URL";
            self.profiles.at(named.span().start, &error.to_string(), advice)
        })?;
        Ok(match &self.entry.tenant_parameter {
            Some(name) => provider.with_tenant_parameter(name.clone()),
            None => provider,
        })
    }

    /// The scopes of the command line, or the profile's; without any, what the registration allows.
    pub(crate) fn scopes(self, instead: &[String]) -> Result<Scopes, Failure> {
        let scopes = if instead.is_empty() { &self.entry.scopes } else { instead };
        match scopes.is_empty() {
            true => Ok(Scopes::all_allowed()),
            false => Ok(Scopes::list(scopes)?),
        }
    }

    /// What a service asks for. `tenant`: of the command line, instead of the profile's.
    pub(crate) fn service_request(
        self,
        tenant: Option<&str>,
        scopes: &[String],
    ) -> Result<ServiceTokenRequest, Failure> {
        let of_profile = self.entry.tenant_id.as_deref();
        let tenant = match tenant.or(of_profile) {
            Some("default") => TenantChoice::default_tenant(),
            Some("none") => TenantChoice::no_tenant(),
            Some(id) => TenantChoice::tenant(id)?,
            None => {
                let what = format!("the profile {} does not say whose data its tokens are for", self.name);
                let advice =
                    "add tenant_id with the customer's UUID, \"default\" or \"none\", or give --tenant";
                return Err(Failure::configuration("tenant_missing", what, advice));
            }
        };
        let request = ServiceTokenRequest::new(tenant, self.scopes(scopes)?);
        Ok(match &self.entry.resource {
            Some(resource) => request.resource(resource)?,
            None => request,
        })
    }

    pub(crate) fn api_origins(self) -> Result<ApiOrigins, Failure> {
        let origins = &self.entry.api_origins;
        ApiOrigins::new(origins).map_err(|error| match origins.iter().any(|origin| origin.contains('@')) {
            true => Failure::from(error).saying("one of api_origins holds a user name or a password"),
            false => error.into(),
        })
    }

    /// What a path in the profile is relative to.
    pub(crate) fn folder(self) -> PathBuf {
        self.profiles.path.parent().map(Path::to_owned).unwrap_or_default()
    }
}
