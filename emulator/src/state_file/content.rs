//! What is in a state file: JSON with a version.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::StateError;
use crate::app_state::AppState;
use crate::config::Config;
use crate::faults::Fault;
use crate::keys::SavedKeys;
use crate::random::{base64url, sha256};
use crate::state::State;

/// Raised with every change of the form.
pub(super) const VERSION: u64 = 1;

/// What tells the file from others.
const FORMAT: &str = "grantline emulator state";

#[derive(Serialize)]
struct Written<'a> {
    format: &'static str,
    version: u64,
    begun_with: &'a str,
    config: &'a Config,
    faults: Vec<Fault>,
    keys: SavedKeys,
    tables: State,
}

#[derive(Deserialize)]
struct Header {
    format: String,
    version: u64,
}

#[derive(Deserialize)]
struct Read {
    begun_with: String,
    config: Config,
    faults: Vec<Fault>,
    keys: SavedKeys,
    tables: State,
}

/// What was read.
pub(super) struct Content {
    pub(super) begun_with: String,
    pub(super) config: Config,
    pub(super) saved: Saved,
}

/// What lasts beside the configuration.
pub(crate) struct Saved {
    /// Those that wait. Their clients need not be registered, so they are no part of the configuration here.
    pub(crate) faults: Vec<Fault>,
    pub(crate) keys: SavedKeys,
    pub(crate) tables: State,
}

impl Content {
    pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Self, StateError> {
        let damaged = |problem| StateError::Damaged { path: path.to_owned(), problem };
        // The parser's own words could show a part of the content.
        let place = |error: serde_json::Error| {
            damaged(format!("it is not as expected at line {}, column {}", error.line(), error.column()))
        };
        let header: Header = serde_json::from_slice(bytes).map_err(place)?;
        if header.format != FORMAT {
            return Err(damaged("its format is another".to_owned()));
        }
        if header.version > VERSION {
            return Err(StateError::TooNew { path: path.to_owned(), version: header.version });
        }
        let Read { begun_with, config, faults, keys, tables } =
            serde_json::from_slice(bytes).map_err(place)?;
        config.check().map_err(|error| damaged(error.to_string()))?;
        Ok(Self { begun_with, config, saved: Saved { faults, keys, tables } })
    }
}

/// The state of an emulator, to be written. The clock is part of its configuration, as at a start.
pub(super) fn of(app: &AppState, begun_with: &str, path: &Path) -> Result<Vec<u8>, StateError> {
    let keys = app.keys.ring().save().map_err(|_| StateError::Keys(path.to_owned()))?;
    let config = Config { clock_offset_s: app.clock.offset_s(), ..Config::clone(&app.config()) };
    // Copied, for requests wait for the tables, and a large file takes its time.
    let tables = app.state().lasting();
    let written = Written {
        format: FORMAT,
        version: VERSION,
        begun_with,
        config: &config,
        faults: app.faults.list().into_iter().map(|waiting| waiting.fault).collect(),
        keys,
        tables,
    };
    serde_json::to_vec(&written)
        .map_err(|error| StateError::Write { path: path.to_owned(), source: error.into() })
}

/// Tells one configuration from another, and gives nothing of it away.
pub(super) fn fingerprint(config: &Config) -> String {
    base64url(&sha256(&serde_json::to_vec(config).unwrap_or_default()))
}
