//! The state file: what lasts beyond a restart.

mod content;
mod disk;
mod news;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::app_state::{AppState, Shared};
use crate::config::{Config, ConfigError, Mode};
use content::Content;
pub(crate) use content::Saved;
use disk::Lock;
use news::Listener;
pub use news::StateNews;
pub(crate) use news::Unwritten;

/// Changes that come one soon after the other are written together.
const TOGETHER: Duration = Duration::from_millis(100);

/// The pause after a write is this many times as long as the write.
const SHARE: u32 = 10;

/// How soon a write that failed is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// Why a state file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// It cannot be read.
    #[error("cannot read the state file {}: {source}; check the path and who may read it", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It, or a file beside it, cannot be written.
    #[error("cannot write {}: {source}; choose a folder that can be written to, or make room", path.display())]
    Write {
        /// The file that could not be written.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// Another emulator has it.
    #[error("the state file {} is in use by another emulator; end that one, or choose another file", .0.display())]
    InUse(PathBuf),
    /// A newer release wrote it.
    #[error(
        "the state file {} has version {version}, and this release knows {known} at most; use the newer release, or \
         choose another file",
        path.display(), known = content::VERSION
    )]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u64,
    },
    /// It is something else, or was damaged.
    #[error(
        "{} is no state file of the emulator, or is damaged: {problem}; choose another file, or move this one away \
         to begin anew",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not fit, without anything of the content.
        problem: String,
    },
    /// The system's cryptography does not give the keys away.
    #[error("cannot write the state file {}: the system gives no keys; try again", .0.display())]
    Keys(PathBuf),
}

/// A state file that this emulator alone uses, and what it begins with.
pub struct StateFile {
    path: PathBuf,
    /// The configuration that the file was begun with.
    begun_with: String,
    /// Whether that is another than the one that was given this time.
    differs: bool,
    config: Config,
    saved: Option<Saved>,
    writing: Mutex<()>,
    listener: Option<Listener>,
    /// Held until the end.
    _lock: Lock,
}

impl StateFile {
    /// Opens the file, or begins it with `config`, and keeps other emulators from it.
    ///
    /// The configuration in an existing file is taken in the place of `config`, since it has what was changed while
    /// earlier emulators ran.
    ///
    /// # Errors
    ///
    /// [`StateError`] says what is wrong with the file, and what to do.
    pub fn open(path: &Path, config: Config) -> Result<Self, StateError> {
        let lock = Lock::take(path)?;
        let given = content::fingerprint(&config);
        let (begun_with, config, saved) = match disk::read(path)? {
            None => (given.clone(), config, None),
            Some(bytes) => {
                let content = Content::parse(path, &bytes)?;
                (content.begun_with, content.config, Some(content.saved))
            }
        };
        let differs = begun_with != given;
        let (path, writing) = (path.to_owned(), Mutex::default());
        Ok(Self { path, begun_with, differs, config, saved, writing, listener: None, _lock: lock })
    }

    /// Whether the file was begun with another configuration than the one that was given to [`StateFile::open`].
    pub fn was_begun_with_another_configuration(&self) -> bool {
        self.differs
    }

    /// The configuration that an emulator begins with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Has `listener` called when the file cannot be written while the emulator runs, and when it can be again; the last one
    /// given. It is called between requests, so it has to be quick.
    pub fn on_news(&mut self, listener: impl Fn(StateNews<'_>) + Send + Sync + 'static) {
        self.listener = Some(Box::new(listener));
    }

    /// From now on in this mode.
    ///
    /// # Errors
    ///
    /// [`ConfigError`]: the configuration has what this mode has not; then nothing changed.
    pub fn set_mode(&mut self, mode: Mode) -> Result<(), ConfigError> {
        let changed = Config { mode, ..self.config.clone() };
        changed.check()?;
        self.config = changed;
        Ok(())
    }

    /// What was saved; it is there once.
    pub(crate) fn take_saved(&mut self) -> Option<Saved> {
        self.saved.take()
    }

    pub(crate) fn damaged(&self, problem: impl Into<String>) -> StateError {
        StateError::Damaged { path: self.path.clone(), problem: problem.into() }
    }

    /// Writes all that lasts, in the place of what the file had; after an error, it has that still.
    fn save(&self, app: &AppState) -> Result<(), StateError> {
        let _one_at_a_time = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = content::of(app, &self.begun_with, &self.path)?;
        disk::write(&self.path, &bytes)
    }
}

impl StateFile {
    fn tell(&self, app: &AppState, written: &Result<(), StateError>) {
        if let (Some(news), Some(listener)) = (app.unwritten.note(&self.path, written), &self.listener) {
            listener(news);
        }
    }
}

impl std::fmt::Debug for StateFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StateFile").field("path", &self.path).finish_non_exhaustive()
    }
}

/// Writes the file soon after each change, for ever.
pub(crate) async fn keep(file: &Arc<StateFile>, app: &Shared) {
    loop {
        // Before the look at the clock, so that no move in between is missed.
        let moved = app.clock.moved();
        let began = Instant::now();
        let written = save(file, app).await;
        file.tell(app, &written);
        if written.is_err() {
            tokio::time::sleep(AGAIN).await;
            continue;
        }
        tokio::time::sleep(TOGETHER.max(began.elapsed() * SHARE)).await;
        tokio::select! {
            () = app.changes.next() => {}
            () = moved => {}
        }
    }
}

/// Not on this thread, for a disk takes its time.
pub(crate) async fn save(file: &Arc<StateFile>, app: &Shared) -> Result<(), StateError> {
    let (file, app) = (Arc::clone(file), Arc::clone(app));
    let path = file.path.clone();
    let saved = tokio::task::spawn_blocking(move || file.save(&app)).await;
    saved.unwrap_or_else(|error| Err(StateError::Write { path, source: std::io::Error::other(error) }))
}
