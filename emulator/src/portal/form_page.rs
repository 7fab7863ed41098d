//! A page with a form: its fields, and the same again with the rule that was broken at its field.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::form::{Form, Wrong};
use super::page::{self, Frame};

/// One field, or a group of checkboxes, or the heading over those that follow.
pub(super) struct Field {
    kind: Kind,
    name: &'static str,
    label: &'static str,
    hint: String,
    value: String,
    options: Vec<Opt>,
    required: bool,
    problem: String,
}

/// One of several.
pub(super) struct Opt {
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Heading,
    Line,
    Number,
    Password,
    Lines,
    Tick,
    Ticks,
    Choice,
}

impl Field {
    fn new(kind: Kind, name: &'static str, label: &'static str, value: &str) -> Self {
        Self {
            kind,
            name,
            label,
            hint: String::new(),
            value: value.to_owned(),
            options: Vec::new(),
            required: false,
            problem: String::new(),
        }
    }

    pub(super) fn heading(label: &'static str) -> Self {
        Self::new(Kind::Heading, "", label, "")
    }

    pub(super) fn line(form: &Form, name: &'static str, label: &'static str) -> Self {
        Self::new(Kind::Line, name, label, form.verbatim(name))
    }

    pub(super) fn number(form: &Form, name: &'static str, label: &'static str) -> Self {
        Self::new(Kind::Number, name, label, form.verbatim(name))
    }

    /// What was typed into it is never shown again.
    pub(super) fn password(name: &'static str, label: &'static str) -> Self {
        Self::new(Kind::Password, name, label, "")
    }

    pub(super) fn lines(form: &Form, name: &'static str, label: &'static str) -> Self {
        Self::new(Kind::Lines, name, label, form.verbatim(name))
    }

    pub(super) fn tick(form: &Form, name: &'static str, label: &'static str) -> Self {
        let checked = if form.is_checked(name) { "on" } else { "" };
        Self::new(Kind::Tick, name, label, checked)
    }

    /// `options`: values and what they are called.
    pub(super) fn ticks(
        form: &Form,
        name: &'static str,
        label: &'static str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        Self::new(Kind::Ticks, name, label, "").with_options(form, options)
    }

    /// The same, of which one is taken.
    pub(super) fn choice(
        form: &Form,
        name: &'static str,
        label: &'static str,
        options: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        Self::new(Kind::Choice, name, label, "").with_options(form, options)
    }

    fn with_options(mut self, form: &Form, options: impl IntoIterator<Item = (String, String)>) -> Self {
        let is_chosen = |value: &str| form.values(self.name).any(|chosen| chosen == value);
        let options = options.into_iter();
        self.options =
            options.map(|(value, label)| Opt { chosen: is_chosen(&value), value, label }).collect();
        self
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    pub(super) fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// The ids of what explains the field.
    fn described_by(&self) -> String {
        let hint = if self.hint.is_empty() { String::new() } else { format!("{}-hint", self.name) };
        let problem = if self.problem.is_empty() { String::new() } else { format!("{}-problem", self.name) };
        [problem, hint].into_iter().filter(|id| !id.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// A page with one form.
#[derive(Template)]
#[template(path = "portal/form.html")]
pub(super) struct FormPage {
    pub(super) frame: Frame,
    pub(super) heading: String,
    pub(super) intro: &'static str,
    pub(super) action: String,
    pub(super) fields: Vec<Field>,
    /// What the button says.
    pub(super) verb: &'static str,
    pub(super) back: String,
    /// What is wrong.
    pub(super) problem: String,
    /// The field that is wrong.
    pub(super) wrong: &'static str,
}

impl FormPage {
    pub(super) fn new(section: &'static str, heading: impl Into<String>, fields: Vec<Field>) -> Self {
        Self {
            frame: Frame::of(section),
            heading: heading.into(),
            intro: "",
            action: String::new(),
            fields,
            verb: "Save",
            back: String::new(),
            problem: String::new(),
            wrong: "",
        }
    }

    pub(super) fn show(&self) -> Response {
        page::show(self)
    }

    /// Again, with what is wrong at its field.
    pub(super) fn refuse(mut self, wrong: &Wrong) -> Response {
        // A heading has no name, and takes no message.
        let is_meant = |field: &&mut Field| field.kind != Kind::Heading && field.name == wrong.key();
        if let Some(field) = self.fields.iter_mut().find(is_meant) {
            wrong.words().clone_into(&mut field.problem);
            self.wrong = field.name;
        }
        wrong.words().clone_into(&mut self.problem);
        page::answer(StatusCode::UNPROCESSABLE_ENTITY, &self)
    }
}
