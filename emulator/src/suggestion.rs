//! What somebody may have meant: the known name that is nearest to the one given.

use strsim::levenshtein;

/// The nearest of `known`, unless all are too far off to have been meant.
pub(crate) fn of<'a>(known: impl IntoIterator<Item = &'a str>, given: &str) -> Option<&'a str> {
    let most = (given.chars().count() / 3).max(2);
    nearest(known, given).filter(|(_, distance)| *distance <= most).map(|(name, _)| name)
}

/// The nearest of `known`, however far off, and how far.
pub(crate) fn nearest<'a>(known: impl IntoIterator<Item = &'a str>, given: &str) -> Option<(&'a str, usize)> {
    known.into_iter().map(|name| (name, levenshtein(name, given))).min_by_key(|(_, distance)| *distance)
}

/// `; "..." is known`, or nothing.
pub(crate) fn in_words<'a>(known: impl IntoIterator<Item = &'a str>, given: &str) -> String {
    of(known, given).map(|name| format!("; \"{name}\" is known")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_has_to_change() {
        for (one, other, changes) in
            [("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("same", "same", 0), ("ab", "ba", 2)]
        {
            assert_eq!(nearest([one], other), Some((one, changes)), "{one} {other}");
        }
    }

    #[test]
    fn what_is_too_far_off_was_not_meant() {
        let known = ["isv_web", "isv_service"];
        assert_eq!(of(known, "isv_wbe"), Some("isv_web"));
        assert_eq!(of(known, "something else"), None);
    }
}
