//! A look into a token.

use grantline::{Inspection, UnixMillis, inspect, now};
use serde_json::{Map, Value};

use super::Report;
use super::check::Check;
use super::reference::Reference;
use crate::moment;
use crate::output::shown;

/// What the token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Access,
    Identity,
}

type Claims = Map<String, Value>;

pub(super) fn report(text: &str, kind: Use, reference: Option<&Reference<'_>>) -> Report {
    let name = if kind == Use::Access { "access_token" } else { "id_token" };
    match inspect(text) {
        Inspection::Jwt { header, claims } => {
            let checks = checks(&header, &claims, kind, reference);
            Report { kind: name, parts: vec![("header", header), ("claims", claims)], checks }
        }
        Inspection::Opaque if kind == Use::Identity => {
            let check = Check::new("form", false, "an ID token is a signed JSON Web Token, and this is none");
            Report { kind: name, parts: Vec::new(), checks: vec![check] }
        }
        Inspection::Opaque => {
            let words =
                format!("opaque, {} characters: only its server knows what it means", text.chars().count());
            Report { kind: name, parts: Vec::new(), checks: vec![Check::new("form", None, words)] }
        }
    }
}

fn checks(header: &Claims, claims: &Claims, kind: Use, reference: Option<&Reference<'_>>) -> Vec<Check> {
    let mut checks = vec![
        Check::new("form", true, "a signed JSON Web Token"),
        algorithm(header),
        expiry(claims),
        issued(claims),
        issued_by(&claims.get("iss").map(shown).unwrap_or_default(), reference),
        audience(claims, kind, reference),
    ];
    checks.extend(client(claims, reference));
    if kind == Use::Access {
        checks.push(tenant(claims, reference));
        checks.push(Check::new(
            "signature",
            None,
            "an access token is verified by its API, not by its client",
        ));
    } else {
        checks.push(Check::new("nonce", None, "the login that it answers knows which one it sent"));
        let with = if reference.is_none() { ", with --profile" } else { "" };
        checks.push(Check::new("signature", None, format!("see the check grantline{with}")));
    }
    checks
}

fn algorithm(header: &Claims) -> Check {
    match header.get("alg").and_then(Value::as_str) {
        Some("none") => Check::new("algorithm", false, "none: nobody signed it"),
        Some(name) if name.starts_with("HS") => Check::new(
            "algorithm",
            false,
            format!("{name}: a shared secret, which grantline takes from no token"),
        ),
        Some(name) => Check::new("algorithm", true, name),
        None => Check::new("algorithm", false, "the header names none"),
    }
}

fn expiry(claims: &Claims) -> Check {
    let now = now().wall;
    match moment_of(claims, "exp") {
        Some(end) => {
            let words = format!("{}, {}", moment::relative(end, now), moment::shown(end));
            Check::new("expiry", end > now, words)
        }
        None => Check::new("expiry", false, "exp is missing, or no number"),
    }
}

/// A machine whose clock is a minute behind is no failure.
fn issued(claims: &Claims) -> Check {
    let now = now().wall;
    match moment_of(claims, "iat") {
        Some(begin) => {
            let words = format!("{}, {}", moment::relative(begin, now), moment::shown(begin));
            Check::new("issued", begin.0 <= now.0 + 60_000, words)
        }
        None => Check::new("issued", None, "iat is missing, or no number"),
    }
}

/// The issuer, as a token or a callback (RFC 9207) names it.
pub(super) fn issued_by(got: &str, reference: Option<&Reference<'_>>) -> Check {
    let expected = reference.map(|reference| reference.provider.issuer());
    compared("issuer", got, expected, reference)
}

fn audience(claims: &Claims, kind: Use, reference: Option<&Reference<'_>>) -> Check {
    let named = claims.get("aud").map(|aud| match aud {
        Value::Array(all) => all.iter().map(shown).collect(),
        one => vec![shown(one)],
    });
    let named = named.unwrap_or_default();
    match reference {
        Some(reference) if kind == Use::Identity => {
            let client_id = &reference.profile.entry.client_id;
            let (named_ones, profile) = (named.join(", "), reference.name());
            let words = format!("for {named_ones}; the client of {profile} is {client_id}");
            Check::new("audience", named.iter().any(|name| name == client_id), words)
        }
        _ => Check::new("audience", None, format!("for {}", named.join(", "))),
    }
}

/// Whom it was issued to: `client_id` (RFC 9068 section 2.2) or `azp` (OpenID Connect Core section 2), where one is there.
fn client(claims: &Claims, reference: Option<&Reference<'_>>) -> Option<Check> {
    let got = claims.get("client_id").or_else(|| claims.get("azp")).map(shown)?;
    let expected = reference.map(|reference| reference.profile.entry.client_id.as_str());
    Some(compared("client", &got, expected, reference))
}

/// Whose data a service's token is for (Visma Connect).
fn tenant(claims: &Claims, reference: Option<&Reference<'_>>) -> Check {
    let got = claims.get("tenant_id").map(shown);
    let expected = reference.and_then(|reference| reference.profile.entry.tenant_id.as_deref());
    match (got, expected.filter(|expected| !matches!(*expected, "default" | "none"))) {
        (Some(got), expected) => compared("tenant", &got, expected, reference),
        (None, _) => Check::new("tenant", None, "the token names none"),
    }
}

/// `expected`: what the profile has; `None`: nothing.
fn compared(
    name: &'static str,
    got: &str,
    expected: Option<&str>,
    reference: Option<&Reference<'_>>,
) -> Check {
    let Some(reference) = reference else {
        return Check::new(name, None, format!("{got}; compared with nothing: give --profile"));
    };
    let profile = reference.name();
    let Some(expected) = expected else {
        return Check::new(name, None, format!("{got}; {profile} names none"));
    };
    let is_the_same = expected == got || (name == "tenant" && expected.eq_ignore_ascii_case(got));
    let words = match is_the_same {
        true => format!("{got}, as {profile} has it"),
        false => format!("{got}, and {profile} has {expected}"),
    };
    Check::new(name, reference.outcome(is_the_same), words)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded before")]
fn moment_of(claims: &Claims, name: &str) -> Option<UnixMillis> {
    let seconds = claims.get(name)?.as_f64().filter(|seconds| (0.0..253_402_300_800.0).contains(seconds))?;
    Some(UnixMillis((seconds * 1000.0) as u64))
}
