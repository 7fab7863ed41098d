//! The verifier of core's own, by the files that a driver's verifier has to pass as well.

use grantline_core::RustCryptoVerifier;

use crate::{id_tokens, signatures};

#[test]
fn every_id_token_is_judged_as_written() {
    id_tokens::check_with(&RustCryptoVerifier);
}

#[test]
fn published_signatures_are_verified_and_changed_ones_are_not() {
    signatures::check_with(&RustCryptoVerifier);
}
