//! The lines to change for the real sandbox: what is taken away has to stand somewhere.

use crate::document::Diff;
use crate::failure::{Failure, failure};

/// What the lines are after the change.
///
/// `there`: all the lines there are, in files that were written and in commands. Spaces in front do not count.
pub(crate) fn changed(diff: &Diff, there: &str) -> Result<String, Failure> {
    let mut after = String::new();
    for (line, number) in diff.text.lines().zip(diff.line + 1..) {
        let (is_new, text) = match (line.strip_prefix('+'), line.strip_prefix(['-', ' '])) {
            (Some(new), _) => (true, new),
            (None, Some(old)) => (false, old),
            (None, None) => (false, line),
        };
        if !is_new && !there.lines().any(|line| line.trim() == text.trim()) {
            return Err(failure(format!("docs/first-day.md, line {number}: nothing has the line {text:?}")));
        }
        if !line.starts_with('-') {
            after += text;
            after.push('\n');
        }
    }
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(text: &str) -> Diff {
        Diff { line: 10, text: text.to_owned() }
    }

    #[test]
    fn lines_that_are_there_are_changed() {
        let after = changed(&diff(" a = 1\n-b = 2\n+b = 3\n"), "  a = 1\nb = 2\n").unwrap();
        assert_eq!(after, "a = 1\nb = 3\n");
    }

    #[test]
    fn lines_that_nothing_has_are_refused() {
        for text in [" a = 1\n-b = 4\n", " a = 1\n c = 2\n", " a = 1\nb\n"] {
            let refused = changed(&diff(text), "a = 1\nb = 2\n").unwrap_err().to_string();
            assert!(refused.contains("line 12"), "{refused}");
        }
    }
}
