//! Which scopes a user has let a client have.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

/// Saved as a list, for the names of a JSON object are no pairs.
#[derive(Default, Clone, Serialize, Deserialize)]
#[serde(from = "Vec<Saved>", into = "Vec<Saved>")]
pub(crate) struct Consents(HashMap<(String, String), HashSet<String>>);

#[derive(Serialize, Deserialize)]
struct Saved {
    sub: String,
    client_id: String,
    scopes: HashSet<String>,
}

impl From<Vec<Saved>> for Consents {
    fn from(saved: Vec<Saved>) -> Self {
        Self(saved.into_iter().map(|one| ((one.sub, one.client_id), one.scopes)).collect())
    }
}

impl From<Consents> for Vec<Saved> {
    fn from(consents: Consents) -> Self {
        let saved = |((sub, client_id), scopes)| Saved { sub, client_id, scopes };
        consents.0.into_iter().map(saved).collect()
    }
}

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
