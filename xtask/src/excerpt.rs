//! What a test runner said of failures, out of thousands of lines: repeated at the end of a run, since that is where one
//! looks, and all that is left where a long log is cut.

/// What follows the line that names a failure: the values compared, or the place.
const LINES_EACH: usize = 6;
const LINES_KEPT: usize = 120;

/// How libtest, pytest, Maven, Swift Testing and Node name a test that failed.
const NAMED_AT_THE_BEGINNING: [&str; 8] =
    ["---- ", "test result: FAILED", "FAILED ", "ERROR ", "[ERROR]", "✘", "✖", "not ok "];
/// And a panic outside a test.
const NAMED_WITHIN: &str = " panicked at ";

#[derive(Debug, Default)]
pub(crate) struct Excerpt {
    lines: Vec<String>,
    /// So many lines more belong to the last failure.
    following: usize,
}

impl Excerpt {
    pub(crate) fn see(&mut self, line: &str) {
        if names_a_failure(line) {
            self.following = LINES_EACH;
        }
        if self.following > 0 && self.lines.len() < LINES_KEPT {
            self.lines.push(line.to_owned());
        }
        self.following = self.following.saturating_sub(1);
    }
}

impl std::fmt::Display for Excerpt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.lines.iter().try_for_each(|line| write!(f, "\n{line}"))
    }
}

fn names_a_failure(line: &str) -> bool {
    let beginning = line.trim_start();
    NAMED_AT_THE_BEGINNING.iter().any(|mark| beginning.starts_with(mark)) || line.contains(NAMED_WITHIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(lines: &str) -> String {
        let mut excerpt = Excerpt::default();
        lines.lines().for_each(|line| excerpt.see(line));
        excerpt.to_string()
    }

    #[test]
    fn keeps_the_failure_and_what_follows_it() {
        let said = "\
test one ... ok
---- two stdout ----
thread 'two' panicked at src/lib.rs:3:5:
assertion failed
2
3
4
5
6";
        let kept = excerpt(said);
        assert!(kept.starts_with("\n---- two stdout ----\nthread 'two' panicked at"), "{kept}");
        assert!(kept.ends_with("\n5"), "{kept}");
    }

    #[test]
    fn knows_each_runner_by_its_mark() {
        for line in [
            "---- tests::refused stdout ----",
            "FAILED tests/test_login.py::test_refused - AssertionError",
            "[ERROR]   LoginTest.refused:12 expected: <1> but was: <2>",
            "✘ Test \"refused\" failed after 0.1 seconds with 1 issue.",
            "  ✖ refused (31 ms)",
        ] {
            assert_eq!(excerpt(line), format!("\n{line}"));
        }
    }

    #[test]
    fn says_nothing_of_what_passed() {
        assert_eq!(
            excerpt("test one ... ok\n✔ two (3 ms)\n[INFO] Tests run: 3\ntest result: ok. 1 passed"),
            ""
        );
    }

    #[test]
    fn is_bounded() {
        assert_eq!(excerpt(&"✖ refused\n".repeat(1_000)).lines().count(), LINES_KEPT + 1);
    }
}
