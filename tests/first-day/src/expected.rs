//! What a command shows, beside what the page says that it does.
//!
//! They are compared line by line, without the spaces at the ends. `…` stands for anything within a line, and a line of `…`
//! alone for any lines, also none.

const ANYTHING: &str = "…";

/// Whether this is what the page shows.
pub(crate) fn is_as_shown(shown: &str, said: &str) -> bool {
    let lines =
        |text: &str| text.trim_end().lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    are_as_shown(&lines(shown), &lines(said))
}

fn are_as_shown(shown: &[String], said: &[String]) -> bool {
    match (shown.split_first(), said.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == ANYTHING => {
            (0..=said.len()).any(|skipped| are_as_shown(rest, said.get(skipped..).unwrap_or_default()))
        }
        (Some((one, shown)), Some((other, said))) => {
            is_line_as_shown(one, other) && are_as_shown(shown, said)
        }
        _ => false,
    }
}

fn is_line_as_shown(shown: &str, said: &str) -> bool {
    let Some((begin, rest)) = shown.split_once(ANYTHING) else { return shown == said };
    let Some(mut said) = said.strip_prefix(begin) else { return false };
    let mut pieces: Vec<&str> = rest.split(ANYTHING).collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some((_, behind)) = said.split_once(piece) else { return false };
        said = behind;
    }
    said.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_as_shown_and_anything_else_is_not() {
        assert!(is_as_shown("a\nb\n", "a  \nb"));
        assert!(is_as_shown("", ""));
        for said in ["a", "a\nb\nc", "a\n b", "A\nb", "", "b\na"] {
            assert!(!is_as_shown("a\nb\n", said), "{said:?}");
        }
    }

    #[test]
    fn an_ellipsis_is_anything_within_a_line() {
        assert!(is_as_shown("a … c", "a b c"));
        assert!(is_as_shown("…c", "a b c"));
        assert!(is_as_shown("a…b…", "a1b2"));
        for said in ["a b", "b c", "a\nc", "ac"] {
            assert!(!is_as_shown("a … c", said), "{said:?}");
        }
    }

    #[test]
    fn a_line_of_it_is_any_lines() {
        for said in ["a\nz", "a\nb\nz", "a\nz\nz"] {
            assert!(is_as_shown("a\n…\nz", said), "{said:?}");
        }
        assert!(!is_as_shown("a\n…\nz", "a\nb"));
        assert!(is_as_shown("…\nb\n…", "b"));
    }
}
