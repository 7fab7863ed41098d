//! The configuration, which can change while the emulator runs.

use std::sync::{Arc, PoisonError, RwLock};

use crate::changes::Changes;
use crate::config::{Config, ConfigError};

pub(crate) struct Registry {
    current: RwLock<Arc<Config>>,
    changes: Changes,
}

impl Registry {
    pub(crate) fn new(config: Config, changes: &Changes) -> Self {
        Self { current: RwLock::new(Arc::new(config)), changes: changes.clone() }
    }

    /// As it is now; it stays so for whoever holds it.
    pub(crate) fn config(&self) -> Arc<Config> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes a copy and takes it if it contradicts nothing; after an error all is as it was. Changes come one after
    /// the other.
    pub(crate) fn change<T, E: From<ConfigError>>(
        &self,
        change: impl FnOnce(&mut Config) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Config::clone(&current);
        let done = change(&mut next)?;
        next.check()?;
        *current = Arc::new(next);
        self.changes.tell();
        Ok(done)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_breaks_a_rule_changes_nothing_and_names_it() {
        let registry = Registry::new(Config::default(), &Changes::default());
        let refused = registry.change(|config| {
            config.mode = crate::config::Mode::Standard;
            config.applications.iter_mut().for_each(|application| application.grace_s = 61);
            Ok::<_, ConfigError>(())
        });
        assert!(refused.unwrap_err().to_string().contains("grace_s is 61"));
        assert!(registry.config().is_visma());
    }

    #[test]
    fn whoever_holds_the_configuration_keeps_it_as_it_was() {
        let registry = Registry::new(Config::default(), &Changes::default());
        let before = registry.config();
        registry
            .change(|config| {
                config.applications.clear();
                Ok::<_, ConfigError>(())
            })
            .unwrap();
        assert!(before.application("isv_web").is_some());
        assert!(registry.config().application("isv_web").is_none());
    }
}
