//! The pages that the browser shows at the end.

use grantline_core::Error;

use super::options::{BrowserLoginOptions, Content, LoginPage};

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:0;min-height:100vh;display:grid;place-items:center;font:1.1rem/1.5 system-ui,sans-serif;\
color:#1c1c1e;background:#f5f5f7}\
main{max-width:32rem;margin:1rem;padding:2rem;border-radius:.75rem;background:#fff;overflow-wrap:anywhere}\
h1{margin:0 0 .5rem;font-size:1.5rem}p{margin:.5rem 0 0}\
@media(prefers-color-scheme:dark){body{color:#f5f5f7;background:#1c1c1e}main{background:#2c2c2e}}";

/// The pages of one login.
pub(super) struct Pages {
    done: Option<LoginPage>,
    failed: Option<LoginPage>,
}

impl Pages {
    pub(super) fn of(options: &BrowserLoginOptions) -> Self {
        Self { done: options.done.clone(), failed: options.failed.clone() }
    }

    /// The page of the login's end.
    pub(super) fn outcome(&self, failure: Option<&Error>) -> String {
        match (failure, &self.done, &self.failed) {
            (None, Some(own), _) | (Some(_), _, Some(own)) => own.document(),
            (None, None, _) => {
                english("You are logged in", &["You can close this page and go back to the application."])
            }
            (Some(error), _, None) => failed(error),
        }
    }

    /// The page for what is not the login's answer.
    pub(super) fn foreign(refused: &Error) -> String {
        let waiting =
            "The application is still waiting for the answer to its login. Go back to it and begin there.";
        english("This is not the answer to the login", &[&sentence(refused), waiting])
    }
}

impl LoginPage {
    fn document(&self) -> String {
        match &self.0 {
            Content::Text { language, title, message } => layout(language, title, &[message]),
            Content::Html(document) => document.clone(),
        }
    }
}

fn failed(error: &Error) -> String {
    let close = "You can close this page and go back to the application.";
    match error {
        Error::Server(refusal) if refusal.error == "access_denied" => english(
            "You are not logged in",
            &["The login was cancelled, or access was refused (access_denied).", close],
        ),
        _ => english("The login failed", &[&sentence(error), close]),
    }
}

/// A message of ours is without capital and full stop.
fn sentence(error: &Error) -> String {
    let text = error.to_string();
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase).into_iter().flatten();
    first.chain(characters).chain(['.']).collect()
}

fn english(title: &str, paragraphs: &[&str]) -> String {
    layout("en", title, paragraphs)
}

fn layout(language: &str, title: &str, paragraphs: &[impl AsRef<str>]) -> String {
    let (language, title) = (escaped(language), escaped(title));
    let paragraphs: Vec<_> = paragraphs.iter().map(|text| escaped(text.as_ref())).collect();
    let paragraphs = paragraphs.join("</p>\n<p>");
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{paragraphs}</p>\n</main>\n</body>\n</html>\n"
    )
}

/// What comes from a server or a stranger stays text.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}
