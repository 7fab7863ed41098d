//! `WWW-Authenticate`: a list of challenges, each a scheme with parameters (RFC 9110 section 11.6.1).

/// More of one header is not read.
const MAX_LENGTH: usize = 8 * 1024;

/// One challenge. What does not follow the grammar is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// The challenges of all `WWW-Authenticate` headers of a response.
    pub(crate) fn read_all<'a>(headers: impl IntoIterator<Item = &'a str>) -> Vec<Self> {
        headers.into_iter().filter(|header| header.len() <= MAX_LENGTH).flat_map(read).collect()
    }

    pub(crate) fn is_bearer(&self) -> bool {
        self.scheme.eq_ignore_ascii_case("bearer")
    }

    /// A parameter, unless it stands there twice.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let mut found = self.parameters.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().filter(|_| found.next().is_none()).map(|(_, value)| value.as_str())
    }
}

fn read(header: &str) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    for element in elements(header) {
        let parameter = match scheme_of(element) {
            Some((scheme, rest)) => {
                challenges.push(Challenge { scheme: scheme.to_owned(), parameters: Vec::new() });
                rest
            }
            None => element,
        };
        if let (Some(challenge), Some((name, value))) = (challenges.last_mut(), parameter.split_once('=')) {
            challenge.parameters.push((name.trim().to_owned(), unquoted(value.trim())));
        }
    }
    challenges
}

/// The elements of the list. A comma within quotes does not divide.
fn elements(header: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    let divides = move |c: char| {
        let starts_escape = quoted && !escaped && c == '\\';
        if c == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = starts_escape;
        c == ',' && !quoted
    };
    header.split(divides).map(str::trim).filter(|element| !element.is_empty())
}

/// The scheme that an element begins with, and what follows it: a word, and then no equals sign.
fn scheme_of(element: &str) -> Option<(&str, &str)> {
    let (word, rest) = element.split_once([' ', '\t']).unwrap_or((element, ""));
    let rest = rest.trim_start();
    (!word.contains(['=', '"']) && !rest.starts_with('=')).then_some((word, rest))
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else { return value.to_owned() };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut escaped = false;
    inner
        .chars()
        .filter(|c| {
            escaped = *c == '\\' && !escaped;
            !escaped
        })
        .collect()
}
