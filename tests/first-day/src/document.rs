//! How `docs/first-day.md` is read.
//!
//! - A block of `sh` is run. Words behind `sh` say how: `server`, in a terminal of its own, where it goes on running;
//!   `exit=5`, it ends with that code; `python`, `kotlin` or `swift`, it is run by that part alone. Without such a word it
//!   is of the part `rust`, or of every part where it stands before the second heading.
//! - A block of `text` right behind it is what it shows; [`crate::expected`] says how the two are compared.
//! - A block of `diff` is lines to change; [`crate::sandbox`] looks at those.
//! - A paragraph that begins with "Open <URL>" is what the user does in a browser. What stands in backquotes behind the
//!   word "shows" has to be on the page. It is of the same part as the block before it.
//!
//! Anything else that looks like a command is refused, so that none is left out.

use crate::failure::{Failure, failure};

/// Who runs a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of the others, first of all.
    Start,
    Rust,
    Python,
    Kotlin,
    Swift,
}

/// What a reader does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Commands(Commands),
    Visit(Visit),
}

/// A block of commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Commands {
    /// Where it begins, from 1.
    pub(crate) line: usize,
    pub(crate) script: String,
    pub(crate) is_server: bool,
    pub(crate) exit: i32,
    /// What is shown beneath.
    pub(crate) shown: Option<String>,
}

/// A page that is opened in a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visit {
    pub(crate) line: usize,
    pub(crate) url: String,
    /// What is on the page.
    pub(crate) shows: Vec<String>,
}

/// A block of lines to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Diff {
    pub(crate) line: usize,
    pub(crate) text: String,
}

/// All that the page asks for, in its order.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) steps: Vec<(Part, Step)>,
    pub(crate) diffs: Vec<Diff>,
    headings: usize,
}

/// Commands that are known when they are named in the middle of a sentence.
const PROGRAMS: [&str; 6] = ["cargo ", "curl ", "grantline ", "pip ", "python ", "uvicorn "];

impl Part {
    pub(crate) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "rust" => Self::Rust,
            "python" => Self::Python,
            "kotlin" => Self::Kotlin,
            "swift" => Self::Swift,
            _ => return None,
        })
    }
}

impl Document {
    pub(crate) fn read(page: &str) -> Result<Self, Failure> {
        let mut document = Self::default();
        let mut paragraph = (0, String::new());
        let mut lines = page.lines().zip(1..);
        while let Some((line, number)) = lines.next() {
            let fence = line.trim_start().strip_prefix("```");
            if fence.is_some() || line.is_empty() || line.starts_with('#') {
                document.take_paragraph(&std::mem::take(&mut paragraph))?;
            }
            match fence {
                Some(words) => {
                    let inside = lines.by_ref().map(|(line, _)| line).take_while(|line| line.trim() != "```");
                    let text = inside.collect::<Vec<_>>().join("\n") + "\n";
                    document.take_block(number, words, text)?;
                }
                None if line.starts_with("    ") || line.starts_with("~~~") => {
                    return Err(at(number, "a block is fenced by three backquotes"));
                }
                None if line.is_empty() => {}
                None => {
                    document.headings += usize::from(line.starts_with("## "));
                    paragraph.0 = if paragraph.1.is_empty() { number } else { paragraph.0 };
                    paragraph.1 += line;
                    paragraph.1.push(' ');
                }
            }
        }
        document.take_paragraph(&paragraph)?;
        document.refuse_left_out(page)?;
        Ok(document)
    }

    /// What this part does, the start included.
    pub(crate) fn steps_of(&self, part: Part) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |(of, _)| *of == part || *of == Part::Start).map(|(_, step)| step)
    }

    /// All blocks of commands, of whatever part.
    pub(crate) fn scripts(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|(_, step)| match step {
            Step::Commands(commands) => Some(commands.script.as_str()),
            Step::Visit(_) => None,
        })
    }

    fn take_block(&mut self, line: usize, words: &str, text: String) -> Result<(), Failure> {
        let mut words = words.split_whitespace();
        match words.next() {
            Some("sh") => self.take_commands(line, words, text),
            Some("text") => self.take_shown(line, text),
            Some("diff") => {
                self.diffs.push(Diff { line, text });
                Ok(())
            }
            other => Err(at(line, &format!("a block of {other:?} is neither run nor compared"))),
        }
    }

    fn take_commands<'a>(
        &mut self,
        line: usize,
        words: impl Iterator<Item = &'a str>,
        script: String,
    ) -> Result<(), Failure> {
        let mut part = if self.headings < 2 { Part::Start } else { Part::Rust };
        let mut commands = Commands { line, script, ..Commands::default() };
        for word in words {
            let exit = word.strip_prefix("exit=").and_then(|code| code.parse().ok());
            match (word, exit, Part::named(word)) {
                ("server", _, _) => commands.is_server = true,
                (_, Some(code), _) => commands.exit = code,
                (_, _, Some(named)) => part = named,
                _ => return Err(at(line, &format!("nobody knows what {word:?} means behind sh"))),
            }
        }
        self.steps.push((part, Step::Commands(commands)));
        Ok(())
    }

    fn take_shown(&mut self, line: usize, text: String) -> Result<(), Failure> {
        match self.steps.last_mut() {
            Some((_, Step::Commands(commands))) if commands.shown.is_none() => commands.shown = Some(text),
            _ => return Err(at(line, "a block of text stands behind the commands that show it")),
        }
        Ok(())
    }

    fn take_paragraph(&mut self, (line, text): &(usize, String)) -> Result<(), Failure> {
        let Some((url, rest)) = text.strip_prefix("Open <").and_then(|rest| rest.split_once('>')) else {
            return Ok(());
        };
        let shows = rest.split_once("shows").map_or("", |(_, shows)| shows);
        let shows = shows.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        let part = self.steps.last().ok_or_else(|| at(*line, "nothing answers yet"))?.0;
        self.steps.push((part, Step::Visit(Visit { line: *line, url: url.to_owned(), shows })));
        Ok(())
    }

    /// A command that is only named in a sentence, and a page that is opened in the middle of one.
    fn refuse_left_out(&self, page: &str) -> Result<(), Failure> {
        let mut is_block = false;
        for (line, number) in page.lines().zip(1..) {
            is_block ^= line.trim_start().starts_with("```");
            if is_block {
                continue;
            }
            if line.contains("Open <") && !line.starts_with("Open <") {
                return Err(at(number, "\"Open <URL>\" begins a paragraph"));
            }
            for code in line.split('`').skip(1).step_by(2) {
                let is_command = PROGRAMS.iter().any(|program| code.starts_with(program));
                if is_command && !self.scripts().any(|script| script.contains(code)) {
                    return Err(at(number, &format!("no block has the command {code:?}")));
                }
            }
        }
        Ok(())
    }
}

fn at(line: usize, why: &str) -> Failure {
    failure(format!("docs/first-day.md, line {line}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Title\n\n## Start\n\n```sh server\ngrantline emulator\n```\n\n```text\nready\n```\n\n## More\n\n\
        ```sh exit=5\ngrantline token\n```\n\nOpen <http://127.0.0.1:1/a>, and see that\nit shows `one` and `two`.\n\n\
        ```sh python\npython a.py\n```\n";

    fn refused(page: &str) -> String {
        Document::read(page).unwrap_err().to_string()
    }

    #[test]
    fn a_page_is_steps_of_parts() {
        let document = Document::read(PAGE).unwrap();
        let (token, visit) = (&document.steps[1], &document.steps[2]);
        assert_eq!(document.steps_of(Part::Rust).count(), 3);
        assert_eq!(document.steps_of(Part::Python).count(), 2);
        assert_eq!(document.steps_of(Part::Swift).count(), 1);
        let Step::Commands(token) = &token.1 else { panic!("{token:?}") };
        assert_eq!((token.line, token.exit, token.script.as_str()), (15, 5, "grantline token\n"));
        let shows = vec!["one".to_owned(), "two".to_owned()];
        let expected = Visit { line: 19, url: "http://127.0.0.1:1/a".to_owned(), shows };
        assert_eq!(visit, &(Part::Rust, Step::Visit(expected)));
    }

    #[test]
    fn what_is_shown_belongs_to_the_commands_before_it() {
        let document = Document::read(PAGE).unwrap();
        let Step::Commands(server) = &document.steps[0].1 else { panic!("{:?}", document.steps[0]) };
        assert_eq!((server.is_server, server.shown.as_deref()), (true, Some("ready\n")));
        assert!(refused("```text\na\n```\n").contains("line 1: a block of text stands behind"));
    }

    #[test]
    fn no_block_is_left_out() {
        for language in ["bash", "console", "python", ""] {
            let page = format!("{PAGE}\n```{language}\ngrantline token\n```\n");
            assert!(refused(&page).contains("line 26: a block of"), "{language}: {}", refused(&page));
        }
        assert!(refused("```sh skip\na\n```\n").contains("nobody knows what \"skip\" means"));
        assert!(refused("    grantline token\n").contains("fenced by three backquotes"));
        assert!(refused("~~~sh\ngrantline token\n~~~\n").contains("fenced by three backquotes"));
    }

    #[test]
    fn no_command_and_no_page_is_left_in_a_sentence() {
        assert!(Document::read(&format!("{PAGE}\nSee `grantline token`.\n")).is_ok());
        assert!(refused(&format!("{PAGE}\nTry `grantline logout`.\n")).contains("no block has the command"));
        assert!(refused(&format!("{PAGE}\nThen Open <http://a>.\n")).contains("begins a paragraph"));
    }
}
