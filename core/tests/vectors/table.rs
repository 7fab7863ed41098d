//! Running cases, and comparing what they come to.

use serde::Deserialize;

/// A text that would be too long to write down: it stands where `{padding}` stands.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Padding {
    text: String,
    times: usize,
}

impl Padding {
    pub fn fill(&self, text: &str) -> String {
        text.replace("{padding}", &self.text.repeat(self.times))
    }
}

/// Runs each case, and names all that fail.
pub fn run<'c, C: 'c>(
    cases: impl IntoIterator<Item = &'c C>,
    name: impl Fn(&C) -> &str,
    run: impl Fn(&C) -> Result<(), String>,
) {
    let mut count = 0;
    let mut failures = Vec::new();
    for case in cases {
        count += 1;
        if let Err(why) = run(case) {
            failures.push(format!("{}: {why}", name(case)));
        }
    }
    println!("{count} cases");
    assert!(failures.is_empty(), "{} of {count} cases failed:\n{}", failures.len(), failures.join("\n"));
}

pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, got: &T, expected: &T) -> Result<(), String> {
    match got == expected {
        true => Ok(()),
        false => Err(format!("{what}: expected {expected:?}, got {got:?}")),
    }
}
