//! Every refusal of the catalogue has a case in the table, or is named here with the reason why it has none.

use std::collections::BTreeSet;

use grantline_core::catalogue;

use crate::{authorization_requests, callbacks, cases, id_tokens, notices, tokens};

/// Refusals that one callback, one request or one response cannot show.
const ELSEWHERE: &[(&str, &str)] = &[
    ("login_unknown", "needs a store: tests/engine/stored_logins.rs"),
    ("user_info_subject_mismatch", "tests/engine/user_info.rs"),
    ("user_info_forbidden", "tests/engine/user_info.rs"),
    ("tenant_mismatch", "tests/engine/user_info.rs"),
    ("logout_token_missing", "tests/engine/logout.rs"),
    ("logout_token_repeated", "tests/engine/logout.rs"),
    ("pasted_no_callback", "about a login in the browser: driver/tests/browser_login.rs"),
    ("login_timed_out", "about a listener on loopback: driver/tests/loopback.rs"),
    ("redirect_uri_not_loopback", "about a login in the browser: driver/tests/browser_login.rs"),
    ("response_mode_not_query", "about a login in the browser: driver/tests/browser_login.rs"),
    ("loopback_port_taken", "about a listener on loopback: driver/tests/loopback.rs"),
    ("loopback_unavailable", "about a listener on loopback: driver/src/loopback/tests.rs"),
    ("browser_not_opened", "about a login in the browser: driver/tests/browser_login.rs"),
    ("client_closed", "a state of the client around core: the driver's tests"),
    ("callback_already_used", "needs an engine that saw the first callback: tests/engine"),
    ("signature_verifier_missing", "core/src/id_token/validate.rs"),
    ("id_token_subject_mismatch", "tests/engine/refreshed_identity.rs"),
    ("id_token_claim_changed", "tests/engine/refreshed_identity.rs"),
    ("id_token_code_mismatch", "needs a login's code exchange: tests/engine/callbacks.rs"),
    ("id_token_missing", "needs a login's code exchange: tests/engine"),
    ("pkce_required", "the way to leave PKCE out is Rust's alone so far: tests/engine"),
    ("invalid_client_setting", "a setting of the client around core: the driver's tests"),
    ("invalid_api_origin", "about an API of the application: core/src/attach"),
    ("insecure_api_origin", "about an API of the application: core/src/attach"),
    ("authorization_present", "about a request to an API: driver/tests/api.rs"),
    ("sealing_key_missing", "driver/src/client/builder.rs"),
    ("sealing_key_malformed", "about a key of the application: core/src/seal"),
    ("sealing_key_unknown", "needs a stored record: core/src/seal"),
    ("record_not_authentic", "needs a stored record: core/src/seal"),
    ("record_sealed", "needs a stored record: core/src/seal"),
    ("record_in_clear", "needs a stored record: core/src/seal"),
];

fn codes_in_the_table() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for case in cases::<authorization_requests::Case>(authorization_requests::FILE).cases {
        if let authorization_requests::Expect::Refused { error } = case.expect {
            codes.insert(error.code);
        }
    }
    for case in cases::<callbacks::Case>(callbacks::FILE).cases {
        if let callbacks::Expect::Refused { error } = case.expect {
            codes.insert(error.code);
        }
    }
    for case in id_tokens::table().cases {
        if let id_tokens::Expect::Error(error) = case.expect {
            codes.insert(error.code);
        }
    }
    for file in [tokens::REQUESTS, tokens::RESPONSES] {
        codes.extend(
            cases::<tokens::Case>(file).cases.into_iter().filter_map(|case| Some(case.expect.error?.code)),
        );
    }
    codes.extend(notices::codes());
    codes
}

#[test]
fn every_refusal_of_the_catalogue_has_a_case() {
    let covered = codes_in_the_table();
    let elsewhere: BTreeSet<&str> = ELSEWHERE.iter().map(|(code, _)| *code).collect();
    let missing: Vec<_> = catalogue()
        .map(|reason| reason.code)
        .filter(|code| !covered.contains(*code) && !elsewhere.contains(code))
        .collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
    let needless: Vec<_> = elsewhere.iter().filter(|code| covered.contains(**code)).collect();
    assert!(needless.is_empty(), "the table shows {needless:?} after all");
}

#[test]
fn case_names_are_unique_in_each_file() {
    let names = |names: Vec<String>| {
        let distinct: BTreeSet<&String> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    };
    let requests = cases::<authorization_requests::Case>(authorization_requests::FILE);
    names(requests.cases.into_iter().map(|case| case.name).collect());
    names(id_tokens::table().cases.into_iter().map(|case| case.name).collect());
    names(cases::<callbacks::Case>(callbacks::FILE).cases.into_iter().map(|case| case.name).collect());
    for file in [tokens::REQUESTS, tokens::RESPONSES] {
        names(cases::<tokens::Case>(file).cases.into_iter().map(|case| case.name).collect());
    }
}
