//! Form-encoded parameters under OAuth's rules.

use std::collections::HashMap;

use url::form_urlencoded;

/// The parameters of one request.
#[derive(Default)]
pub(crate) struct Params(HashMap<String, String>);

/// A parameter that occurred twice (RFC 6749, sections 3.1 and 3.2).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Repeated(pub(crate) String);

impl Params {
    pub(crate) fn parse(encoded: &[u8]) -> Result<Self, Repeated> {
        let mut params = HashMap::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            let name = name.into_owned();
            // RFC 8707, section 2: the one parameter that may repeat. No API here is chosen by it.
            if name == "resource" {
                continue;
            }
            if params.contains_key(&name) {
                return Err(Repeated(name));
            }
            params.insert(name, value.into_owned());
        }
        Ok(Self(params))
    }

    /// The value; one that is empty counts as left out (RFC 6749, section 3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// Every value of a parameter that may repeat.
pub(crate) fn values(encoded: &[u8], name: &str) -> impl Iterator<Item = String> {
    form_urlencoded::parse(encoded)
        .filter(move |(known, _)| known == name)
        .map(|(_, value)| value.into_owned())
}

/// Whether a Content-Type header says form encoding, with or without a charset.
pub(crate) fn is_form(content_type: Option<&str>) -> bool {
    content_type
        .and_then(|value| value.split(';').next())
        .is_some_and(|media| media.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// The scopes of a space-separated list, each once, in the order given.
pub(crate) fn scope_list(text: &str) -> Vec<String> {
    let mut scopes: Vec<String> = Vec::new();
    for scope in text.split(' ').filter(|scope| !scope.is_empty()) {
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_repeated_parameter_except_resource() {
        assert_eq!(Params::parse(b"a=1&a=1").err(), Some(Repeated("a".into())));
        assert!(Params::parse(b"resource=x&resource=y").is_ok());
    }

    #[test]
    fn an_empty_value_counts_as_left_out() {
        assert_eq!(Params::parse(b"scope=&x=1").unwrap().get("scope"), None);
    }

    #[test]
    fn a_form_content_type_may_carry_a_charset() {
        assert!(is_form(Some("application/x-www-form-urlencoded; charset=UTF-8")));
        assert!(!is_form(Some("application/json")));
        assert!(!is_form(None));
    }
}
