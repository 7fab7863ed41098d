//! What is remembered of logins does not grow without end.

use serde_json::json;

use super::*;

const LIFE: u64 = 600_000;

fn login(state: u64, now: Now) -> PendingLogin {
    let record = json!({
        "v": 1,
        "issuer": "https://a.example",
        "client_id": "c",
        "redirect_uri": "https://app.example/callback",
        "response_mode": "query",
        "state": format!("{state}"),
        "session": "anna",
        "began_ms": now.wall.0,
        "expires_ms": now.wall.0 + LIFE,
    });
    PendingLogin::from_record(&record.to_string()).unwrap()
}

#[test]
fn logins_that_were_used_up_are_remembered_until_they_would_have_expired_and_not_for_ever() {
    let mut table = Table::new(1, 1);
    let at = |seconds: u64| Now { wall: UnixMillis(1000 * seconds), boot: Millis(1000 * seconds) };
    for second in 0..4000 {
        let now = at(second);
        assert!(table.use_up(&login(second, now), now));
        let a_while_ago = second.saturating_sub(LIFE / 1000 - 1);
        assert!(!table.use_up(&login(a_while_ago, at(a_while_ago)), now), "it is remembered");
    }
    assert!(table.used_up.len() <= 2048, "{}", table.used_up.len());
}
