//! aws-lc comes to what the verifier of core comes to, case by case: the runners are core's.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and says how many cases it ran"
)]

#[path = "../../core/tests/vectors/expectation.rs"]
mod expectation;
#[path = "../../core/tests/vectors/id_tokens.rs"]
mod id_tokens;
#[path = "../../core/tests/vectors/provider.rs"]
mod provider;
#[path = "../../core/tests/vectors/signatures.rs"]
mod signatures;
#[path = "../../core/tests/vectors/table.rs"]
mod table;

use grantline::AwsLcVerifier;

#[test]
fn every_id_token_is_judged_as_written() {
    id_tokens::check_with(&AwsLcVerifier::default());
}

#[test]
fn published_signatures_are_verified_and_changed_ones_are_not() {
    signatures::check_with(&AwsLcVerifier::default());
}
