//! Which scopes a user has let a client have.

use std::collections::{HashMap, HashSet};

#[derive(Default)]
pub(crate) struct Consents(HashMap<(String, String), HashSet<String>>);

impl Consents {
    pub(crate) fn cover(&self, sub: &str, client_id: &str, scopes: &[String]) -> bool {
        self.0
            .get(&(sub.to_owned(), client_id.to_owned()))
            .is_some_and(|given| scopes.iter().all(|scope| given.contains(scope)))
    }

    /// Forgets what was given to clients or by users that are meant, `(sub, client_id)`.
    pub(crate) fn forget(&mut self, meant: impl Fn(&str, &str) -> bool) {
        self.0.retain(|(sub, client_id), _| !meant(sub, client_id));
    }

    pub(crate) fn add(&mut self, sub: &str, client_id: &str, scopes: &[String]) {
        self.0.entry((sub.to_owned(), client_id.to_owned())).or_default().extend(scopes.iter().cloned());
    }
}
