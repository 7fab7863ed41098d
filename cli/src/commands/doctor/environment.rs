//! Visma Connect's sandbox and production: registrations, secrets and tenants are separate.

use grantline::Provider;
use url::Url;

use super::finding::Finding;
use crate::profile::{Profile, Profiles};

const CHECK: &str = "environment";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Environment {
    Production,
    Sandbox,
}

impl Environment {
    fn of(profile: Profile<'_>) -> Option<Self> {
        let issuer = profile.provider().ok()?.issuer().trim_end_matches('/').to_ascii_lowercase();
        if issuer == Provider::visma_connect().issuer() {
            Some(Self::Production)
        } else if issuer == Provider::visma_connect_staging().issuer() {
            Some(Self::Sandbox)
        } else {
            None
        }
    }

    /// What a host's name says, if it says anything.
    fn of_host(url: &str) -> Option<Self> {
        let host = Url::parse(url).ok()?.host_str()?.to_ascii_lowercase();
        let says_so = |label: &str| {
            label
                .split('-')
                .any(|word| matches!(word, "sandbox" | "staging" | "stage" | "stag" | "stagaws" | "test"))
        };
        host.split('.').any(says_so).then_some(Self::Sandbox)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Sandbox => "the sandbox (staging)",
        }
    }

    fn provider(self) -> &'static str {
        match self {
            Self::Production => "visma-connect",
            Self::Sandbox => "visma-connect-staging",
        }
    }
}

/// Whether the profile's provider is Visma Connect, by whatever name, or a server with its ways.
pub(super) fn is_visma_connect(profile: Profile<'_>) -> bool {
    profile.entry.behaves_like.is_some() || Environment::of(profile).is_some()
}

/// One finding for each thing that is of the other environment.
pub(super) fn judge(profiles: &Profiles, profile: Profile<'_>) -> Vec<Finding> {
    let Some(own) = Environment::of(profile) else {
        return vec![Finding::ok(
            CHECK,
            "the provider is neither Visma Connect's production nor its sandbox",
        )];
    };
    let mut findings: Vec<Finding> = by_issuer(profile, own).into_iter().chain(api(profile, own)).collect();
    for other in profiles.all() {
        if Environment::of(other).is_some_and(|of_other| of_other != own) {
            findings.extend(shared(profile, own, other));
        }
    }
    if findings.is_empty() {
        findings.push(Finding::ok(CHECK, format!("Visma Connect, {}", own.name())));
    }
    findings
}

/// A profile that names Visma Connect by its URL gets none of what is peculiar to it.
fn by_issuer(profile: Profile<'_>, own: Environment) -> Option<Finding> {
    let named = profile.entry.provider.get_ref();
    let words = format!("the provider is Visma Connect, {}, by its URL alone", own.name());
    let advice = format!(
        "write provider = {:?}, so that tenants are named and errors understood as it does",
        own.provider()
    );
    (named != own.provider()).then(|| Finding::warning(CHECK, words, advice))
}

fn api(profile: Profile<'_>, own: Environment) -> Option<Finding> {
    let origins = &profile.entry.api_origins;
    // One with a user name or a password is refused elsewhere, and not repeated.
    let foreign = origins.iter().filter(|origin| !origin.contains('@')).find(|origin| {
        own == Environment::Production && Environment::of_host(origin) == Some(Environment::Sandbox)
    })?;
    let words = format!("tokens are of {}, and {foreign} seems to be an API of the sandbox", own.name());
    let advice = format!(
        "write provider = {:?} with what is registered there, or the API's production address",
        Environment::Sandbox.provider()
    );
    Some(Finding::warning(CHECK, words, advice))
}

/// What two profiles of two environments have in common is right in one of them at most.
fn shared(profile: Profile<'_>, own: Environment, other: Profile<'_>) -> Option<Finding> {
    let (entry, its) = (profile.entry, other.entry);
    let what = if entry.client_secret.is_some() && entry.client_secret == its.client_secret {
        "the client secret"
    } else if entry.tenant_id.is_some()
        && is_uuid_of_both(entry.tenant_id.as_deref(), its.tenant_id.as_deref())
    {
        "the tenant"
    } else {
        return None;
    };
    let words =
        format!("{what} is the same as in the profile {}, which is not of {}", other.name, own.name());
    let advice = "registrations, secrets and tenants are separate for sandbox and production: give each profile its own";
    Some(Finding::warning(CHECK, words, advice))
}

fn is_uuid_of_both(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some("default" | "none"), _) => false,
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => false,
    }
}
