//! Redis and PostgreSQL: what they keep is what they are set to.

use std::collections::BTreeMap;

use grantline::{Store, StoreFailure};

use crate::commands::doctor::finding::Finding;
use crate::failure::Failure;
use crate::profile::Profile;
use crate::progress::wait;

type Settings = BTreeMap<String, String>;

pub(super) fn look(
    store: Result<Store, StoreFailure>,
    profile: Profile<'_>,
    judge: impl Fn(&Settings) -> Vec<Finding>,
    findings: &mut Vec<Finding>,
) {
    let asked =
        store.map_err(Failure::from).and_then(|store| Ok(wait(store.settings(), "asking the store")?));
    match asked {
        Ok(settings) => {
            findings.push(Finding::ok("store", "it answers"));
            findings.extend(judge(&settings));
        }
        Err(failure) => findings.push(Finding::failed("store", &failure.of_store(profile))),
    }
}

pub(super) fn redis(settings: &Settings) -> Vec<Finding> {
    vec![redis_durability(settings), redis_eviction(settings)]
}

/// What is lost with an acknowledged record is a refresh token that was used already: the session with it.
fn redis_durability(settings: &Settings) -> Finding {
    const CHECK: &str = "durability";
    let all = "a power cut loses nothing that was acknowledged";
    let always = "appendonly yes and appendfsync always";
    match (setting(settings, "appendonly"), setting(settings, "appendfsync")) {
        ("yes", "always") => Finding::ok(CHECK, format!("{always}: {all}")),
        ("yes", "everysec") => Finding::warning(
            CHECK,
            "appendfsync everysec: a power cut loses the last second, and sessions that were refreshed in it",
            format!("set {always}, or live with users who log in again"),
        ),
        ("yes", "") => Finding::not_checked(
            CHECK,
            "appendonly yes; the server does not show appendfsync (CONFIG GET): ask who runs it",
        ),
        ("yes", other) => Finding::warning(
            CHECK,
            format!("appendfsync {other}: a power cut loses what the system had not written, some 30 s"),
            format!("set {always}"),
        ),
        ("no", _) => Finding::error(
            CHECK,
            "appendonly no: a restart loses every session since the last snapshot, if there is one",
            format!("set {always}"),
        ),
        _ => Finding::not_checked(
            CHECK,
            "the server does not show its settings: ask who runs it for appendonly and appendfsync",
        ),
    }
}

fn redis_eviction(settings: &Settings) -> Finding {
    const CHECK: &str = "eviction";
    let advice = "set maxmemory-policy noeviction: a full store then refuses, and nothing is thrown away";
    match (setting(settings, "maxmemory-policy"), setting(settings, "maxmemory")) {
        ("noeviction", _) => Finding::ok(CHECK, "maxmemory-policy noeviction: nothing is thrown away"),
        ("", _) => Finding::not_checked(CHECK, "the server does not show maxmemory-policy: ask who runs it"),
        (policy, "0") => {
            let words =
                format!("maxmemory-policy {policy}, which does nothing only as long as maxmemory is 0");
            Finding::warning(CHECK, words, advice)
        }
        (policy, limit) => {
            let words = format!("maxmemory-policy {policy}: beyond {limit} bytes sessions are thrown away");
            Finding::error(CHECK, words, advice)
        }
    }
}

pub(super) fn postgres(settings: &Settings) -> Vec<Finding> {
    const CHECK: &str = "durability";
    let setting = |name| setting(settings, name);
    let mut findings = Vec::new();
    if setting("fsync") == "off" {
        let words = "fsync off: a power cut may leave a database that cannot be read";
        findings.push(Finding::error(CHECK, words, "set fsync = on"));
    }
    if setting("full_page_writes") == "off" {
        let words = "full_page_writes off: a power cut may leave pages that are half written";
        findings.push(Finding::warning(
            CHECK,
            words,
            "set full_page_writes = on, unless the disk writes whole pages",
        ));
    }
    if setting("synchronous_commit") == "off" {
        let words = "synchronous_commit off: a power cut loses the last moments, and sessions that were refreshed in them";
        let advice = "set synchronous_commit = on for this role: ALTER ROLE ... SET synchronous_commit = on";
        findings.push(Finding::warning(CHECK, words, advice));
    }
    if findings.is_empty() {
        findings.push(Finding::ok(
            CHECK,
            "fsync and synchronous_commit: a power cut loses nothing that was acknowledged",
        ));
    }
    findings
}

fn setting<'a>(settings: &'a Settings, name: &str) -> &'a str {
    settings.get(name).map_or("", String::as_str)
}
