//! Moments as a person reads them.

use grantline::UnixMillis;
use jiff::Timestamp;

/// `2026-11-21 23:44:39 UTC`.
pub(crate) fn shown(moment: UnixMillis) -> String {
    let timestamp = i64::try_from(moment.0).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    match timestamp {
        Some(timestamp) => timestamp.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
        None => "after the year 9999".to_owned(),
    }
}

/// `in 5 min`, `3 h ago`.
pub(crate) fn relative(moment: UnixMillis, now: UnixMillis) -> String {
    let distance = |milliseconds: u64| match milliseconds / 1000 {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    };
    match moment >= now {
        true => format!("in {}", distance(moment.0 - now.0)),
        false => format!("{} ago", distance(now.0 - moment.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_the_calendar_has_them() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_827_696, "2000-02-29 12:34:56 UTC"),
            (1_795_262_400, "2026-11-21 12:00:00 UTC"),
            (4_107_542_399, "2100-02-28 23:59:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] {
            assert_eq!(shown(UnixMillis(seconds * 1000)), text);
        }
        assert_eq!(shown(UnixMillis(u64::MAX)), "after the year 9999");
    }

    #[test]
    fn distances_are_told_both_ways() {
        let now = UnixMillis(1_000_000_000);
        assert_eq!(relative(UnixMillis(now.0 + 300_000), now), "in 5 min");
        assert_eq!(relative(UnixMillis(now.0 - 7_200_000), now), "2 h ago");
    }
}
