//! What is remembered of notices: enough to know a repeated one, and not without end.

use std::time::Duration;

use super::*;

const ISSUER: &str = "https://a.example";
const NOW: UnixMillis = UnixMillis(1_795_262_400_000);
const LIFE: Duration = Duration::from_secs(120);

fn is_first(seen: &SeenNotices, name: &str, now: UnixMillis) -> bool {
    seen.is_first(ISSUER, name, now.plus(LIFE), now)
}

#[test]
fn ten_thousand_notices_are_remembered_and_the_next_takes_the_place_of_one() {
    let seen = SeenNotices::default();
    assert!((0..10_000).all(|name| is_first(&seen, &format!("{name:05}"), NOW)));
    assert!(!is_first(&seen, "05000", NOW), "it is remembered");
    assert!(is_first(&seen, "00000", NOW), "one had to give way");
    assert!((0..100).all(|name| is_first(&seen, &format!("more-{name}"), NOW)));
    assert_eq!(seen.0.lock().unwrap().len(), 10_000);
}

#[test]
fn notices_that_are_over_make_room_before_any_other_gives_way() {
    let seen = SeenNotices::default();
    assert!((0..10_000).all(|name| is_first(&seen, &format!("{name:05}"), NOW)));
    let later = NOW.plus(LIFE);
    assert!(is_first(&seen, "!", later), "its name is before all others");
    assert!(is_first(&seen, "another", later));
    assert!(!is_first(&seen, "!", later), "it is remembered");
    assert_eq!(seen.0.lock().unwrap().len(), 2);
}

#[test]
fn a_notice_is_remembered_until_it_expires_and_only_as_its_issuer_s() {
    let seen = SeenNotices::default();
    assert!(is_first(&seen, "n", NOW));
    assert!(seen.is_first("https://b.example", "n", NOW.plus(LIFE), NOW));
    let just_before = UnixMillis(NOW.plus(LIFE).0 - 1);
    assert!(!seen.is_first(ISSUER, "n", NOW.plus(LIFE), just_before));
    assert!(seen.is_first(ISSUER, "n", NOW.plus(LIFE), NOW.plus(LIFE)));
}
