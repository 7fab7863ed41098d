//! The profile's own part: scopes, secret, authentication method, redirect URI.

use grantline::{Client, Error, Registration, Scopes};

use super::environment::is_visma_connect;
use super::finding::Finding;
use super::metadata::Published;
use crate::failure::Failure;
use crate::opened::App;
use crate::profile::{Authentication, Kind, Profile};

/// How long what is sent to a provider may be, in characters.
struct Limits {
    scopes: usize,
    secret: usize,
    redirect_uri: usize,
}

/// Those of Visma Connect, which are also the defaults of `IdentityServer`.
const VISMA_CONNECT: Limits = Limits { scopes: 300, secret: 100, redirect_uri: 400 };

impl Limits {
    /// `None`: no other provider's are known.
    fn of(profile: Profile<'_>) -> Option<Self> {
        is_visma_connect(profile).then_some(VISMA_CONNECT)
    }
}

/// What is shorter was hardly issued by a provider.
const SHORTEST_SECRET: usize = 8;

pub(super) fn scopes(profile: Profile<'_>) -> Finding {
    let scopes = match profile.scopes(&[]) {
        Ok(scopes) => scopes,
        Err(failure) => return Finding::failed("scopes", &failure),
    };
    let Some(parameter) = scopes.parameter() else {
        return Finding::ok("scopes", "none are named: all that the registration allows");
    };
    let (count, length) = (scopes.iter().count(), parameter.chars().count());
    if let Some(Limits { scopes: limit, .. }) = Limits::of(profile).filter(|limits| length > limits.scopes) {
        let words = format!(
            "{length} characters in all, and Visma Connect takes {limit}: the answer is invalid_scope"
        );
        let advice = "ask for fewer at once: what one program needs, by a profile of its own; a service may leave them out, which asks for all";
        return Finding::warning("scopes", words, advice);
    }
    match foreign_to_services(profile, &scopes) {
        Some(scope) => {
            let words = format!("{scope} is for users who log in, and this is a service");
            Finding::error("scopes", words, "remove it: a service asks for scopes of APIs alone")
        }
        None => Finding::ok("scopes", format!("{count}, {length} characters in all")),
    }
}

/// Those that `grantline request` would not take.
pub(super) fn api_origins(profile: Profile<'_>) -> Option<Finding> {
    let failure = profile.api_origins().err()?;
    let advice = "write each of them as https://host or https://host:port, and nothing else";
    Some(Finding::failed("api_origins", &failure.advising(advice)))
}

fn foreign_to_services(profile: Profile<'_>, scopes: &Scopes) -> Option<&'static str> {
    let is_service = profile.entry.kind == Kind::Service;
    ["openid", "offline_access"].into_iter().find(|scope| is_service && scopes.contains(scope))
}

/// What the provider knows of the application, with its secret. `None`: the secret cannot be read.
pub(super) fn registration(profile: Profile<'_>, findings: &mut Vec<Finding>) -> Option<Registration> {
    let registration = match profile.registration() {
        Ok(registration) => registration,
        Err(failure) => {
            findings.push(Finding::failed("secret", &failure));
            return None;
        }
    };
    findings.extend(secret(profile));
    Some(registration)
}

fn secret(profile: Profile<'_>) -> Option<Finding> {
    let Some(place) = &profile.entry.client_secret else {
        let words = "none, so this is a public client";
        return (profile.entry.kind != Kind::Service).then(|| Finding::ok("secret", words));
    };
    if profile.entry.kind == Kind::Native {
        // What such a type may have is said where it is opened.
        return None;
    }
    let secret = place.read(&profile.folder()).ok()?;
    let length = secret.chars().count();
    let too_long = Limits::of(profile).filter(|limits| length > limits.secret);
    Some(if secret.trim() != secret.as_str() {
        let words = "there is a space or a line break at its beginning or end, which counts";
        Finding::error("secret", words, "store it again, without (printf %s, not echo)")
    } else if let Some(Limits { secret: limit, .. }) = too_long {
        let words =
            format!("{length} characters, and Visma Connect takes {limit}: the answer is invalid_client");
        let advice =
            "store the secret alone, as the Developer Portal showed it; if it was lost, make a new one there";
        Finding::error("secret", words, advice)
    } else if length < SHORTEST_SECRET {
        let advice = "compare it with what the provider showed; if that was lost, make a new one there";
        Finding::warning("secret", format!("{length} characters: perhaps not the whole of it"), advice)
    } else {
        Finding::ok("secret", format!("{length} characters"))
    })
}

/// How the client proves who it is, beside what the server's metadata offer.
pub(super) fn authentication(profile: Profile<'_>, published: &Published) -> Finding {
    if profile.entry.client_secret.is_none() {
        // `none` is often not listed although it works.
        return Finding::ok("authentication", "none, as public clients do");
    }
    let method = profile.entry.client_authentication.map(Authentication::method);
    match (method, &published.methods) {
        (Some(method), Some(offered)) if !offered.iter().any(|one| one == method) => {
            let words = format!("{method}, and the provider offers {}", offered.join(", "));
            let advice = "remove client_authentication from the profile, so that it follows the provider";
            Finding::error("authentication", words, advice)
        }
        (Some(method), Some(_)) => {
            Finding::ok("authentication", format!("{method}, which the provider offers"))
        }
        (Some(method), None) => Finding::not_checked(
            "authentication",
            format!("{method}: the provider does not say what it offers"),
        ),
        (None, _) => Finding::ok("authentication", "as the provider has it"),
    }
}

/// The application, if its type may have what the profile says.
pub(super) fn open(
    client: &Client,
    profile: Profile<'_>,
    registration: Registration,
    findings: &mut Vec<Finding>,
) -> Option<App> {
    match App::new(client, profile.entry.kind, registration) {
        Ok(app) => {
            findings.push(redirect_uri(profile));
            Some(app)
        }
        Err(error) => {
            findings.push(refused(error));
            None
        }
    }
}

fn refused(error: Error) -> Finding {
    let code = error.code().into_owned();
    let check = match &code {
        code if code.starts_with("redirect_uri") => "redirect_uri",
        code if code.contains("secret") => "secret",
        _ => "application",
    };
    let advice = match code.as_str() {
        "redirect_uri_insecure" => {
            "use https, or http://127.0.0.1 on the user's own machine; register the same at the provider"
        }
        "redirect_uri_missing" => "add redirect_uri, byte for byte as it is registered",
        "secret_for_public_client" => {
            "remove client_secret, and replace the secret: a native application cannot keep one. If it is registered as a web application, write type = \"web\""
        }
        "client_secret_missing" => "add client_secret with the place of the secret",
        _ => return Finding::failed(check, &Failure::from(error)),
    };
    Finding::error(check, error.to_string(), advice)
}

/// One that the type allows.
fn redirect_uri(profile: Profile<'_>) -> Finding {
    const CHECK: &str = "redirect_uri";
    let kind = profile.entry.kind;
    let uri = match &profile.entry.redirect_uri {
        Some(uri) => uri.as_str(),
        None => return Finding::ok(CHECK, "none, as a service has none"),
    };
    let length = uri.chars().count();
    let too_long = Limits::of(profile).filter(|limits| length > limits.redirect_uri);
    if kind == Kind::Service {
        let words = "a service has none";
        Finding::warning(CHECK, words, "remove redirect_uri, or correct the type, if users log in")
    } else if let Some(Limits { redirect_uri: limit, .. }) = too_long {
        let words = format!("{length} characters, and Visma Connect takes {limit}");
        Finding::error(CHECK, words, "register a shorter one, and keep what it held in the login's own data")
    } else if uri.starts_with("http://localhost") {
        let words = "localhost may be resolved to another address than the listener's (RFC 8252 section 8.3)";
        Finding::warning(CHECK, words, "register http://127.0.0.1 in its place, and write that here")
    } else {
        Finding::ok(CHECK, format!("{uri}: a {} application may have it", kind.name()))
    }
}
