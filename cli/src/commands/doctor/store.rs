//! Where sessions are kept: who may come there, and what survives.

mod files;
mod servers;

use std::path::Path;

use grantline::{Store, StoreFailure};

use super::finding::Finding;
use crate::failure::Failure;
use crate::profile::{Profile, StoreLocation, sealing};

/// `data`: the folder of sessions and their sealing key, which need not be there yet.
pub(super) fn look(profile: Profile<'_>, data: &Path, findings: &mut Vec<Finding>) {
    findings.push(sealing_key(profile, data));
    match &profile.entry.store {
        None => files::look(&data.join("sessions.db"), true, findings),
        Some(StoreLocation::Sqlite(path)) => files::look(&profile.folder().join(path), false, findings),
        Some(StoreLocation::Redis(url)) => match url.read(&profile.folder()) {
            Ok(url) => servers::look(Store::redis(url.as_str()), profile, servers::redis, findings),
            Err(failure) => findings.push(Finding::failed("store", &failure)),
        },
        Some(StoreLocation::Postgres(url)) => match url.read(&profile.folder()) {
            Ok(url) => servers::look(Store::postgres(url.as_str()), profile, servers::postgres, findings),
            Err(failure) => findings.push(Finding::failed("store", &failure)),
        },
    }
}

fn sealing_key(profile: Profile<'_>, data: &Path) -> Finding {
    const CHECK: &str = "sealing_key";
    let own = data.join("sealing.key");
    let read = match &profile.entry.sealing_key {
        Some(key) => key.sealing_keys(&profile.folder()),
        None if !own.exists() => return Finding::ok(CHECK, "is made when it is first needed"),
        None => sealing::of_file(&own),
    };
    match read {
        Ok(_) if profile.entry.sealing_key.is_none() && is_shared(profile) => {
            let words = "of this machine alone, and the store is for several";
            Finding::warning(
                CHECK,
                words,
                "give all of them one sealing_key, or they cannot read each other's sessions",
            )
        }
        Ok(_) => Finding::ok(CHECK, "can be read, and by nobody else"),
        Err(failure) => Finding::failed(CHECK, &failure),
    }
}

fn is_shared(profile: Profile<'_>) -> bool {
    matches!(profile.entry.store, Some(StoreLocation::Redis(_) | StoreLocation::Postgres(_)))
}

fn unusable(failure: StoreFailure) -> Finding {
    Finding::failed("store", &Failure::from(failure))
}
