//! In what a redirect URI that is not registered differs from the nearest that is.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::suggestion;

/// Why `presented` is refused, in words; `name` is the parameter's.
pub(crate) fn unregistered(name: &str, client_id: &str, registered: &[String], presented: &str) -> String {
    let refused = format!("{name} \"{presented}\" is not registered for {client_id}");
    match suggestion::nearest(registered.iter().map(String::as_str), presented) {
        Some((nearest, _)) => {
            format!(
                "{refused}; the nearest that is: \"{nearest}\"; what differs: {}",
                differences(nearest, presented)
            )
        }
        None => format!("{refused}; none is"),
    }
}

/// What is seen as a whole comes before the parts.
fn differences(registered: &str, presented: &str) -> String {
    if presented.trim() == registered {
        return "a space or a line break at its beginning or end".to_owned();
    }
    if decoded(presented) == decoded(registered) {
        return "the percent-encoding".to_owned();
    }
    if presented.strip_suffix('/') == Some(registered) || registered.strip_suffix('/') == Some(presented) {
        return "the slash at its end".to_owned();
    }
    if presented.eq_ignore_ascii_case(registered) {
        return "the letter case".to_owned();
    }
    match (Url::parse(registered), Url::parse(presented)) {
        (Ok(registered), Ok(presented)) => parts(&registered, &presented),
        (_, Err(_)) => "it is not an absolute URL".to_owned(),
        (Err(_), _) => "everything".to_owned(),
    }
}

fn decoded(uri: &str) -> String {
    percent_decode_str(uri).decode_utf8_lossy().into_owned()
}

fn parts(registered: &Url, presented: &Url) -> String {
    let port = |url: &Url| url.port_or_known_default().map(|port| port.to_string());
    let owned = |text: Option<&str>| text.map(str::to_owned);
    let parts = [
        ("scheme", owned(Some(registered.scheme())), owned(Some(presented.scheme()))),
        ("host", owned(registered.host_str()), owned(presented.host_str())),
        ("port", port(registered), port(presented)),
        ("path", owned(Some(registered.path())), owned(Some(presented.path()))),
        ("query", owned(registered.query()), owned(presented.query())),
        ("fragment", owned(registered.fragment()), owned(presented.fragment())),
    ];
    let named = |text: Option<String>| text.map_or("none".to_owned(), |text| format!("\"{text}\""));
    let differing = parts.into_iter().filter(|(_, registered, presented)| registered != presented);
    let words: Vec<String> = differing
        .map(|(part, registered, presented)| {
            format!("the {part} ({}, registered {})", named(presented), named(registered))
        })
        .collect();
    if words.is_empty() { "the spelling".to_owned() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTERED: &str = "https://app.example/callback";

    #[test]
    fn says_in_what_it_differs() {
        for (presented, difference) in [
            ("https://app.example/callback/", "the slash at its end"),
            ("https://app.example/callback ", "a space or a line break at its beginning or end"),
            ("https://app.example/Callback", "the letter case"),
            ("https://app.example/call%62ack", "the percent-encoding"),
            ("https%3A%2F%2Fapp.example%2Fcallback", "the percent-encoding"),
            (
                "http://app.example/callback",
                "the scheme (\"http\", registered \"https\"), the port (\"80\", registered \"443\")",
            ),
            ("https://app2.example/callback", "the host (\"app2.example\", registered \"app.example\")"),
            ("https://app.example:8443/callback", "the port (\"8443\", registered \"443\")"),
            ("https://app.example/call", "the path (\"/call\", registered \"/callback\")"),
            ("https://app.example/callback?x=1", "the query (\"x=1\", registered none)"),
            ("https://app.example/callback#x", "the fragment (\"x\", registered none)"),
            ("/callback", "it is not an absolute URL"),
        ] {
            assert_eq!(differences(REGISTERED, presented), difference, "{presented}");
        }
    }

    #[test]
    fn names_the_nearest_that_is_registered() {
        let registered = ["http://localhost:8080/callback".to_owned(), REGISTERED.to_owned()];
        let words = unregistered("redirect_uri", "isv_web", &registered, "http://localhost:8081/callback");
        assert!(words.contains("\"http://localhost:8080/callback\"; what differs: the port"), "{words}");
        assert!(unregistered("redirect_uri", "isv_web", &[], "x").ends_with("none is"));
    }
}
