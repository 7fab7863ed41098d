//! When a redirect URI counts as registered.

mod difference;

use crate::config::Mode;
pub(crate) use difference::unregistered;

/// Visma Connect compares without case; RFC 9700, section 2.1, as plain strings.
pub(crate) fn equal(mode: Mode, registered: &str, presented: &str) -> bool {
    match mode {
        Mode::VismaConnect => registered.eq_ignore_ascii_case(presented),
        Mode::Standard => registered == presented,
    }
}

/// Both are `http://127.0.0.1` URIs that differ in nothing but the port (RFC 8252, section 7.3).
pub(super) fn equal_but_port(registered: &str, presented: &str) -> bool {
    match (after_loopback_port(registered), after_loopback_port(presented)) {
        (Some(registered), Some(presented)) => registered == presented,
        _ => false,
    }
}

fn after_loopback_port(uri: &str) -> Option<&str> {
    let rest = uri.strip_prefix("http://127.0.0.1")?;
    let Some(with_port) = rest.strip_prefix(':') else {
        return rest.starts_with('/').then_some(rest);
    };
    let (port, rest) = with_port.split_at(with_port.find('/')?);
    port.parse::<u16>().is_ok().then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_matters_only_in_standard_mode() {
        let (registered, presented) = ("https://app.example/Callback", "https://app.example/callback");
        assert!(equal(Mode::VismaConnect, registered, presented));
        assert!(!equal(Mode::Standard, registered, presented));
    }

    #[test]
    fn loopback_matches_on_any_port_and_only_on_the_port() {
        let registered = "http://127.0.0.1/callback";
        assert!(equal_but_port(registered, "http://127.0.0.1:49152/callback"));
        assert!(equal_but_port(registered, registered));
        for other in [
            "http://127.0.0.1:49152/other",
            "http://localhost:49152/callback",
            "https://127.0.0.1:49152/callback",
            "http://127.0.0.1:49152@evil.example/callback",
            "http://127.0.0.1:99999/callback",
            "http://127.0.0.1.evil.example/callback",
        ] {
            assert!(!equal_but_port(registered, other), "{other}");
        }
    }
}
