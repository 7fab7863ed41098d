//! Every code of ours is brought about by a case of the table, or by a test that is named here.

use std::collections::{BTreeMap, BTreeSet};

use grantline_core::samples;

use crate::sources::Source;
use crate::{authorization_requests, callbacks, cases, id_tokens, notices, tokens};

/// Codes that no request, response, callback or token by itself can bring about: the file, in it the test, and its codes.
const ELSEWHERE: &str = "
core/src/attach/tests.rs
    an_origin_is_a_scheme_a_host_and_perhaps_a_port: invalid_api_origin insecure_api_origin
core/src/id_token/validate.rs
    without_a_verifier_no_id_token_is_believed: signature_verifier_missing
core/src/seal/key.rs
    what_is_no_key_is_refused: sealing_key_malformed
core/src/seal/tests.rs
    a_change_of_any_bit_is_noticed: record_not_authentic
    without_a_key_a_sealed_record_says_that_it_is_sealed: record_sealed
    with_keys_a_record_in_clear_is_refused_until_the_application_says_otherwise: record_in_clear
core/tests/engine/callbacks.rs
    c_hash_binds_the_code_where_it_is_there: id_token_code_mismatch
core/tests/engine/failures.rs
    a_request_that_did_not_leave_is_told_by_its_kind_and_may_be_tried_again: dns_failed connect_failed tls_failed not_performed
    an_answer_that_never_came_whole_is_told_by_its_kind_and_its_login_is_over: timed_out connection_lost body_too_large not_http
    a_store_that_cannot_be_read_is_told_by_its_kind_and_nothing_is_sent: store_unavailable store_full store_denied
    a_verifier_that_panics_costs_its_own_call_and_no_other: internal
core/tests/engine/identity.rs
    f092_openid_without_an_id_token_is_no_login: id_token_missing
core/tests/engine/logins.rs
    a_callback_is_good_for_one_exchange: callback_already_used
    a_public_client_cannot_leave_pkce_out: pkce_required
core/tests/engine/logout.rs
    f205_other_signatures_and_forms_are_refused: logout_token_missing
    r224_a_repeated_logout_token_is_refused: logout_token_repeated
core/tests/engine/many.rs
    what_goes_to_the_store_is_sealed_and_another_engine_with_the_key_reads_it: sealing_key_unknown
core/tests/engine/refresh.rs
    a_lease_that_is_held_without_end_is_the_store_s_fault: store_misbehaved
core/tests/engine/refresh_failures.rs
    there_is_no_token_of_an_unknown_session: session_unknown
    a_dead_refresh_token_ends_the_session_and_is_not_sent_again: session_ended
    a_refusal_of_the_second_try_after_a_lost_answer_has_that_name_too: refresh_outcome_unknown
    without_a_refresh_token_an_expired_session_asks_for_a_login: no_refresh_token
core/tests/engine/refreshed_identity.rs
    f117_an_answer_for_another_user_client_or_login_is_discarded_and_an_alarm_is_told: id_token_subject_mismatch id_token_claim_changed
core/tests/engine/stored_logins.rs
    f007_a_callback_is_good_once_among_all_processes: login_unknown
core/tests/engine/trouble.rs
    who_is_refused_while_a_provider_rests_is_told_for_how_long_and_why: provider_resting
core/tests/engine/user_info.rs
    f174_an_answer_about_anybody_else_or_about_nobody_is_refused: user_info_subject_mismatch
    f175_a_refusal_is_told_in_the_words_of_the_challenge: user_info_forbidden
    a_token_of_another_tenant_than_the_one_asked_for_is_not_used: tenant_mismatch
driver/src/client/builder.rs
    a_store_that_outlives_the_process_needs_a_key_or_a_loud_word: sealing_key_missing
driver/src/stores/sqlite/tests/bad_files.rs
    the_database_of_another_program_is_left_as_it_is: store_damaged
driver/tests/api.rs
    an_authorization_header_of_the_application_s_own_is_refused_and_nothing_is_sent: authorization_present
driver/tests/browser_login.rs
    a_url_that_was_not_pasted_whole_is_asked_for_again_and_the_login_waits_on: pasted_no_callback
    what_cannot_work_is_refused_before_a_browser_opens: redirect_uri_not_loopback response_mode_not_query
    f038_one_call_shows_the_url_where_no_browser_opens_or_fails_for_want_of_a_way_to: browser_not_opened
driver/tests/loopback.rs
    f036_the_port_is_free_after_success_refusal_paste_cancel_shutdown_and_the_time_limit: login_timed_out cancelled
    f037_a_port_that_another_program_has_is_a_typed_error_and_ours_is_not_shared: loopback_port_taken
driver/tests/newer_store.rs
    a_store_of_a_newer_release_is_refused_with_its_code_and_left_as_it_is: store_too_new
driver/tests/no_socket_left.rs
    where_the_system_opens_no_socket_the_address_is_named_with_its_reason: loopback_unavailable
driver/tests/service_tokens.rs
    a_time_limit_that_a_grace_window_cannot_bear_is_refused: invalid_client_setting
driver/tests/shutdown.rs
    a_client_that_was_shut_down_refuses_every_call_also_for_a_token_that_is_still_fresh: client_closed
";

/// File, test and code of each line.
fn elsewhere() -> Vec<(&'static str, &'static str, &'static str)> {
    let mut file = "";
    let mut named = Vec::new();
    for line in ELSEWHERE.lines() {
        match line.trim_start().split_once(": ") {
            Some((test, codes)) => named.extend(codes.split(' ').map(|code| (file, test, code))),
            None => file = line,
        }
    }
    named
}

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
fn every_code_has_a_case_or_a_test() {
    let all: BTreeSet<String> = samples().iter().map(|error| error.code().into_owned()).collect();
    let covered = codes_in_the_table();
    let named: BTreeSet<String> = elsewhere().into_iter().map(|(.., code)| code.to_owned()).collect();
    let missing: Vec<_> =
        all.iter().filter(|code| !covered.contains(*code) && !named.contains(*code)).collect();
    assert!(missing.is_empty(), "nothing shows {missing:?}");
    let needless: Vec<_> =
        named.iter().filter(|code| covered.contains(*code) || !all.contains(*code)).collect();
    assert!(needless.is_empty(), "the table shows {needless:?} after all, or there is no such code");
}

#[test]
fn the_tests_that_are_named_here_run_and_speak_of_their_codes() {
    let mut sources = BTreeMap::new();
    let mut wrong = elsewhere();
    wrong.retain(|(file, test, code)| {
        let source = sources.entry(*file).or_insert_with(|| Source::read(file));
        !source.has_literal(test, code)
    });
    assert!(wrong.is_empty(), "no test that runs, or not about that code: {wrong:#?}");
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
