//! `fixtures/`: records as the first release wrote them. They stay readable for ever.

use grantline_core::PendingLogin;

const PENDING_V1: &str = include_str!("../../../tests/vectors/fixtures/pending_v1.json");

#[test]
fn the_first_release_s_pending_login_is_read_and_written_back_unchanged() {
    let frozen = PENDING_V1.trim_end();
    let pending = PendingLogin::from_record(frozen).unwrap();
    assert_eq!(pending.to_record().unwrap().expose_secret(), frozen);
    assert_eq!(pending.state(), "S0000000000000000000000000000000000000state");
    assert_eq!(pending.redirect_uri(), "https://app.example/callback");
}
