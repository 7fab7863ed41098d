//! Steps by judges, as they are shown at the end.

use std::fmt;

/// What all judges said.
#[derive(Debug, Default)]
pub(crate) struct Table {
    columns: Vec<Column>,
}

/// What one judge said.
#[derive(Debug)]
pub(crate) struct Column {
    title: String,
    steps: Vec<(String, bool)>,
}

impl Column {
    pub(crate) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), steps: Vec::new() }
    }

    pub(crate) fn record(&mut self, step: &str, passed: bool) {
        self.steps.push((step.to_owned(), passed));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    pub(crate) fn all_passed(&self) -> bool {
        self.steps.iter().all(|(_, passed)| *passed)
    }

    /// As wide as the widest of its cells.
    fn width(&self) -> usize {
        self.title.len().max("FAILED".len())
    }

    fn cell(&self, step: &str) -> &'static str {
        match self.steps.iter().find(|(name, _)| name == step) {
            Some((_, true)) => "ok",
            Some((_, false)) => "FAILED",
            None => "-",
        }
    }
}

impl Table {
    pub(crate) fn add(&mut self, column: Column) {
        self.columns.push(column);
    }

    pub(crate) fn all_passed(&self) -> bool {
        self.columns.iter().all(Column::all_passed)
    }

    /// Each once, in the order of the judges who know most.
    fn steps(&self) -> Vec<&str> {
        let mut steps: Vec<&str> = Vec::new();
        let mut columns: Vec<&Column> = self.columns.iter().collect();
        columns.sort_by_key(|column| std::cmp::Reverse(column.steps.len()));
        for (step, _) in columns.into_iter().flat_map(|column| &column.steps) {
            if !steps.contains(&step.as_str()) {
                steps.push(step);
            }
        }
        steps
    }
}

/// As Markdown, so that it can be put into a document as it is.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.steps();
        let width = steps.iter().map(|step| step.len()).max().unwrap_or_default();
        write!(f, "| {:width$} |", "")?;
        for column in &self.columns {
            write!(f, " {:<1$} |", column.title, column.width())?;
        }
        write!(f, "\n|{:-<1$}|", "", width + 2)?;
        for column in &self.columns {
            write!(f, "{:-<1$}|", "", column.width() + 2)?;
        }
        for step in steps {
            write!(f, "\n| {step:width$} |")?;
            for column in &self.columns {
                write!(f, " {:<1$} |", column.cell(step), column.width())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_who_passed_what_and_what_was_not_asked() {
        let mut table = Table::default();
        let mut short = Column::new("short");
        short.record("refresh", false);
        let mut long = Column::new("the long one");
        long.record("login", true);
        long.record("refresh", true);
        table.add(short);
        table.add(long);
        let expected = "\
|         | short  | the long one |
|---------|--------|--------------|
| login   | -      | ok           |
| refresh | FAILED | ok           |";
        assert_eq!(table.to_string(), expected);
        assert!(!table.all_passed());
    }
}
