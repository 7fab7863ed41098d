//! `callbacks.json`: what came back from the browser, accepted or refused.

use grantline_core::{Binding, Callback, Error, PendingLogin};
use serde::Deserialize;

use crate::expectation::ExpectedError;
use crate::{File, NOW, Padding, cases, run};

pub const FILE: &str = include_str!("../../../tests/vectors/callbacks.json");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub name: String,
    #[serde(rename = "source")]
    _source: Option<String>,
    application: String,
    pending: String,
    callback: CallbackData,
    #[serde(default)]
    padding: Padding,
    binding: Option<BindingData>,
    pub expect: Expect,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum CallbackData {
    Url(String),
    Query(String),
    FormPost(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum BindingData {
    CookieHeader(String),
    CookieValue(String),
    DangerousUnbound(bool),
}

#[derive(Deserialize)]
#[serde(untagged)]
pub enum Expect {
    Accepted { accepted: bool },
    Refused { error: ExpectedError },
}

impl Case {
    fn callback(&self) -> Callback {
        match &self.callback {
            CallbackData::Url(url) => Callback::url(self.padding.fill(url)),
            CallbackData::Query(query) => Callback::query(self.padding.fill(query)),
            CallbackData::FormPost(body) => Callback::form_post(self.padding.fill(body)),
        }
    }

    fn binding(&self) -> Binding {
        match &self.binding {
            Some(BindingData::CookieHeader(header)) => Binding::cookie_header(header),
            Some(BindingData::CookieValue(value)) => Binding::cookie_value(value),
            // Native and single-page applications have no cookie, and nothing looks at this.
            Some(BindingData::DangerousUnbound(true)) | None => Binding::DangerousUnbound,
            Some(BindingData::DangerousUnbound(false)) => panic!("a bound callback shows its cookie"),
        }
    }

    fn judge(&self, file: &File<Self>) -> Result<(), Error> {
        let app = file.applications[&self.application].login()?;
        let pending = PendingLogin::from_record(&file.pending[&self.pending])?;
        app.check_callback(&pending, &self.callback(), &self.binding(), NOW.wall).map(|_| ())
    }

    fn check(&self, file: &File<Self>) -> Result<(), String> {
        match (self.judge(file), &self.expect) {
            (Ok(()), Expect::Accepted { accepted: true }) => Ok(()),
            (Err(error), Expect::Refused { error: expected }) => expected.check(&error),
            (Ok(()), Expect::Refused { error }) => {
                Err(format!("expected {}, and it was accepted", error.code))
            }
            (Err(error), Expect::Accepted { .. }) => Err(format!("refused: {error}")),
            (Ok(()), Expect::Accepted { accepted: false }) => panic!("a refusal is written as an error"),
        }
    }
}

#[test]
fn every_callback_is_judged_as_written() {
    let file = cases::<Case>(FILE);
    run(&file.cases, |case| &case.name, |case| case.check(&file));
}

#[test]
fn web_cases_say_what_the_browser_showed_and_others_do_not() {
    let file = cases::<Case>(FILE);
    for case in &file.cases {
        let is_web = file.applications[&case.application].is_web();
        assert_eq!(case.binding.is_some(), is_web, "{}", case.name);
    }
}
