//! Results as a table in Markdown.

use std::fmt::{self, Write as _};

use crate::spread::Spread;

/// The results of one part.
pub(crate) struct Table {
    title: &'static str,
    about: String,
    rows: Vec<[String; 5]>,
}

impl Table {
    /// `about`: what was measured, in a sentence or two.
    pub(crate) fn new(title: &'static str, about: impl Into<String>) -> Self {
        Self { title, about: about.into(), rows: Vec::new() }
    }

    /// A figure of several runs. `target`: what is asked of it, or nothing.
    pub(crate) fn spread(&mut self, what: impl Into<String>, spread: &Spread, target: &str) {
        let Spread { minimum, median, maximum } = *spread;
        let [minimum, median, maximum] = [minimum, median, maximum].map(figure);
        self.rows.push([what.into(), minimum, median, maximum, target.to_owned()]);
    }

    /// A figure that there is one of.
    pub(crate) fn single(&mut self, what: impl Into<String>, value: impl Into<String>, target: &str) {
        self.rows.push([what.into(), String::new(), value.into(), String::new(), target.to_owned()]);
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { title, about, rows } = self;
        writeln!(f, "## {title}\n\n{about}\n")?;
        writeln!(f, "| | minimum | median | maximum | target |\n|---|--:|--:|--:|---|")?;
        rows.iter().try_for_each(|row| writeln!(f, "| {} |", row.join(" | ")))
    }
}

/// A number with three digits or more, and its thousands set apart.
pub(crate) fn figure(value: f64) -> String {
    let decimals = match value.abs() {
        1.0..10.0 => 2,
        10.0..100.0 => 1,
        100.0.. => 0,
        _ => 3,
    };
    thousands(&format!("{value:.decimals$}"))
}

/// A number of things.
pub(crate) fn count(things: usize) -> String {
    thousands(&things.to_string())
}

fn thousands(number: &str) -> String {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut text = sign.to_owned();
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len() - index;
        if index > 0 && left.is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        let _ = write!(text, ".{fraction}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_and_their_thousands_set_apart() {
        let figures = [0.0, 0.0312, 1.234, 41.26, 999.6, 1_234_567.8, -1234.0].map(figure);
        assert_eq!(figures, ["0.000", "0.031", "1.23", "41.3", "1,000", "1,234,568", "-1,234"]);
    }

    #[test]
    fn a_table_is_markdown() {
        let mut table = Table::new("A part", "What it is about.");
        table.spread("a thing (ns)", &Spread::of(vec![3.0, 1.0, 2.0]), "at most 60");
        table.single("a count", "0", "");
        let expected = "\
## A part

What it is about.

| | minimum | median | maximum | target |
|---|--:|--:|--:|---|
| a thing (ns) | 1.00 | 2.00 | 3.00 | at most 60 |
| a count |  | 0 |  |  |
";
        assert_eq!(table.to_string(), expected);
    }
}
