//! Moments as a person reads them.

use grantline::UnixMillis;

/// `2026-11-21 23:44:39 UTC`.
pub(crate) fn shown(moment: UnixMillis) -> String {
    let seconds = moment.0 / 1000;
    let (year, month, day) = date(seconds / 86_400);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
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

/// Year, month and day of a day counted from 1970-01-01 in the Gregorian calendar, whose 400 years are 146,097 days and
/// begin in March here, so that the day that leap years add is their last.
fn date(day: u64) -> (u64, u64, u64) {
    let day = day + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day_of_month = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day_of_month)
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
    }

    #[test]
    fn distances_are_told_both_ways() {
        let now = UnixMillis(1_000_000_000);
        assert_eq!(relative(UnixMillis(now.0 + 300_000), now), "in 5 min");
        assert_eq!(relative(UnixMillis(now.0 - 7_200_000), now), "2 h ago");
    }
}
