//! Refresh tokens that are good for one use: what a short grace risks. No provider tells its policy; the profile does.

use super::finding::Finding;
use crate::profile::{Kind, Profile, Refresh};

const CHECK: &str = "refresh_tokens";

/// The longest that Visma Connect has: seconds.
const LONGEST_GRACE: u64 = 60;

/// Below that, who takes over from a process that is gone comes too late: see `Registration::refresh_grace`.
const SHORTEST_USEFUL: u64 = 16;

pub(super) fn judge(profile: Profile<'_>) -> Finding {
    let entry = profile.entry;
    if entry.kind == Kind::Service {
        return Finding::ok(CHECK, "none, as a service has none");
    }
    if !entry.scopes.is_empty() && !entry.scopes.iter().any(|scope| scope == "offline_access") {
        return Finding::ok(CHECK, "none are asked for: a session lasts as long as its access token");
    }
    match (entry.refresh, entry.refresh_grace_s) {
        (Some(Refresh::ReUse), _) => Finding::ok(CHECK, "used again and again, by the profile's word"),
        (_, Some(grace)) if grace < LONGEST_GRACE => short(grace),
        (_, Some(grace)) => {
            Finding::ok(CHECK, format!("for one use, with a grace of {grace} s, by the profile's word"))
        }
        (Some(Refresh::OneTime), None) => Finding::not_checked(
            CHECK,
            "for one use; no provider tells its grace: write refresh_grace_s as it is set there",
        ),
        (None, None) => Finding::not_checked(
            CHECK,
            "no provider tells its policy: write refresh and refresh_grace_s as they are set there",
        ),
    }
}

fn short(grace: u64) -> Finding {
    let risk = match grace {
        0 => {
            "an answer that is lost on its way ends the session, and the user has to log in again".to_owned()
        }
        _ => format!(
            "if an answer is lost, or a process dies over it, and nobody asks again within {grace} s, the session ends and the user has to log in again"
        ),
    };
    let takeover = match grace < SHORTEST_USEFUL {
        true => "; another host that takes over comes too late",
        false => "",
    };
    let words = format!("for one use, with a grace of {grace} s: {risk}{takeover}");
    let advice = format!(
        "set the grace to {LONGEST_GRACE} s at the provider, and refresh_grace_s = {LONGEST_GRACE} here"
    );
    Finding::warning(CHECK, words, advice)
}
