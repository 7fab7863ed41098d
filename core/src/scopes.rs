//! Scopes, as a set (RFC 6749 section 3.3).

use std::collections::BTreeSet;
use std::fmt;

use crate::error::{Error, Misuse};

/// The scopes of a request or of a grant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scopes(Choice);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Choice {
    AllAllowed,
    List(Vec<String>),
}

impl Scopes {
    /// Exactly these scopes, sent in this order.
    ///
    /// Errors: `empty_scopes`, and `invalid_scope_value` for one that RFC 6749 section 3.3 forbids.
    pub fn list<I>(scopes: I) -> Result<Self, Error>
    where
        I: IntoIterator,
        I::Item: Into<String>,
    {
        let mut seen = BTreeSet::new();
        let mut list = Vec::new();
        for scope in scopes {
            let scope = scope.into();
            if !is_scope(&scope) {
                return Err(Misuse::InvalidScope { scope }.into());
            }
            if seen.insert(scope.clone()) {
                list.push(scope);
            }
        }
        match list.is_empty() {
            true => Err(Misuse::EmptyScopes.into()),
            false => Ok(Self(Choice::List(list))),
        }
    }

    /// No scope parameter at all: the server grants what the registration allows (RFC 6749 section 3.3).
    pub fn all_allowed() -> Self {
        Self(Choice::AllAllowed)
    }

    /// What a token response says was granted: leniently split, since the grant is the server's to name.
    pub(crate) fn granted(text: &str) -> Option<Self> {
        Self::list(text.split_ascii_whitespace()).ok()
    }

    /// The `scope` parameter, or `None` if it is left out.
    pub fn parameter(&self) -> Option<String> {
        match &self.0 {
            Choice::AllAllowed => None,
            Choice::List(list) => Some(list.join(" ")),
        }
    }

    /// Whether `scope` is in the list.
    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|one| one == scope)
    }

    /// The scopes one by one; none for [`Scopes::all_allowed`].
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let list = match &self.0 {
            Choice::AllAllowed => &[][..],
            Choice::List(list) => list,
        };
        list.iter().map(String::as_str)
    }

    /// The same set in one canonical order, so that two spellings of it share a token.
    pub(crate) fn canonical(&self) -> Self {
        let mut canonical = self.clone();
        if let Choice::List(list) = &mut canonical.0 {
            list.sort_unstable();
        }
        canonical
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Choice::AllAllowed => f.write_str("(all allowed)"),
            Choice::List(list) => f.write_str(&list.join(" ")),
        }
    }
}

/// `scope-token = 1*( %x21 / %x23-5B / %x5D-7E )`
fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_an_empty_list_and_what_is_not_one_scope() {
        let code = |list: &[&str]| Scopes::list(list.iter().copied()).unwrap_err().code().into_owned();
        assert_eq!(code(&[]), "empty_scopes");
        for scope in ["", "a b", "a\"b", "a\\b", "å", "a\n"] {
            assert_eq!(code(&[scope]), "invalid_scope_value", "{scope:?}");
        }
    }

    #[test]
    fn two_orders_of_one_set_are_one_key() {
        let one = Scopes::list(["b", "a", "b"]).unwrap();
        let other = Scopes::list(["a", "b"]).unwrap();
        assert_eq!(one.parameter().as_deref(), Some("b a"));
        assert_eq!(one.canonical(), other.canonical());
    }
}
