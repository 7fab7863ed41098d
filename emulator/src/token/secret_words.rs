//! In what a wrong client secret differs, without saying it.

use percent_encoding::percent_decode_str;

use super::client::Presented;
use crate::config::{Application, Config, Secret};

pub(super) fn missing(application: &Application, expected: &Secret) -> String {
    format!(
        "no secret came, and {}, of type {}, has one of {} characters",
        application.client_id,
        application.kind,
        length(expected.expose_secret())
    )
}

pub(super) fn differs(
    config: &Config,
    application: &Application,
    expected: &Secret,
    presented: &Presented,
) -> String {
    let (expected, given) = (expected.expose_secret(), presented.secret.as_str());
    let lengths = format!(
        "wrong client secret: {} characters came, {} are registered",
        length(given),
        length(expected)
    );
    match hint(config, application, expected, presented) {
        Some(hint) => format!("{lengths}; {hint}"),
        None => lengths,
    }
}

fn hint(config: &Config, application: &Application, expected: &str, presented: &Presented) -> Option<String> {
    let given = presented.secret.as_str();
    if presented.as_sent.as_deref() == Some(expected) {
        return Some(
            "it is the right one, but in Basic authentication it has to be form-encoded first (RFC 6749, section 2.3.1)"
                .to_owned(),
        );
    }
    if given.trim() != given {
        let right =
            if given.trim() == expected { "without it, it is right" } else { "it is wrong without it, too" };
        return Some(format!("it begins or ends with a space or a line break; {right}"));
    }
    if let Some(other) = of_another(config, application, given) {
        return Some(format!("it is the secret of {}", other.client_id));
    }
    let decoded = percent_decode_str(given).decode_utf8().ok()?;
    let right = if decoded == expected { ", and is right when it is decoded once more" } else { "" };
    (decoded != given).then(|| format!("it looks percent-encoded{right}"))
}

fn of_another<'a>(config: &'a Config, application: &Application, given: &str) -> Option<&'a Application> {
    let mut others = config.applications.iter().filter(|other| other.client_id != application.client_id);
    others.find(|other| other.secret.as_ref().is_some_and(|secret| secret.expose_secret() == given))
}

fn length(text: &str) -> usize {
    text.chars().count()
}
