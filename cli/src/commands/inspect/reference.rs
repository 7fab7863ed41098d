//! What a token or a callback is compared with.

use grantline::{Inspection, Provider, inspect};
use serde_json::{Map, Value};

use super::callback;
use super::input::Kind;
use crate::failure::Failure;
use crate::profile::{Profile, Profiles};

/// A profile, and the provider that it names.
pub(super) struct Reference<'a> {
    pub(super) profile: Profile<'a>,
    pub(super) provider: Provider,
    /// Nobody named it.
    is_default: bool,
}

impl<'a> Reference<'a> {
    /// The profile that was named; without a name the default one, where the text is of its provider and of its client.
    pub(super) fn of(
        profiles: &'a Profiles,
        named: Option<&str>,
        kind: Kind,
        text: &str,
    ) -> Result<Option<Self>, Failure> {
        let profile = match (profiles.choose(named), named) {
            (Ok(profile), _) => profile,
            (Err(failure), Some(_)) => return Err(failure),
            // Several, and no default.
            (Err(_), None) => return Ok(None),
        };
        let reference = Self { profile, provider: profile.provider()?, is_default: named.is_none() };
        let fits = named.is_some() || reference.fits(kind, text);
        Ok(fits.then_some(reference))
    }

    fn fits(&self, kind: Kind, text: &str) -> bool {
        let (issuer, client_id) = (self.provider.issuer(), self.profile.entry.client_id.as_str());
        match (kind, inspect(text)) {
            (Kind::Callback, _) => callback::issuer_in(text).as_deref() == Some(issuer),
            (_, Inspection::Opaque) => false,
            (kind, Inspection::Jwt { claims, .. }) => {
                is_or_has(&claims, "iss", issuer)
                    && match kind {
                        Kind::IdToken => is_or_has(&claims, "aud", client_id),
                        // RFC 9068 section 2.2; not all servers name it.
                        _ => !claims.contains_key("client_id") || is_or_has(&claims, "client_id", client_id),
                    }
            }
        }
    }

    /// What a difference means: the profile that was named says what has to be; the default one is what it is perhaps from.
    pub(super) fn outcome(&self, is_the_same: bool) -> Option<bool> {
        match is_the_same {
            true => Some(true),
            false => (!self.is_default).then_some(false),
        }
    }

    /// In a sentence.
    pub(super) fn name(&self) -> String {
        let which = if self.is_default { "the default profile" } else { "the profile" };
        format!("{which} {}", self.profile.name)
    }
}

/// Whether the claim is this text, or a list with it.
fn is_or_has(claims: &Map<String, Value>, name: &str, text: &str) -> bool {
    match claims.get(name) {
        Some(Value::Array(all)) => all.iter().any(|one| one == text),
        Some(one) => one == text,
        None => false,
    }
}
