//! A row as an application's store keeps it: a versioned envelope around the sealed record.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use grantline_core::{
    Attempt, Generation, Lease, Millis, Record, Row, SecretBytes, SetMark, StoreFailure, StoreFailureKind,
    UnixMillis,
};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Version 1. Members may be added; none changes its meaning within a version.
#[derive(Serialize, Deserialize)]
struct EnvelopeV1 {
    v: u64,
    generation: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    ended: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mark: Option<MarkV1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    lease: Option<LeaseV1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    discard_after_ms: Option<u64>,
    bytes: Zeroizing<String>,
}

#[derive(Serialize, Deserialize)]
struct MarkV1 {
    attempt: String,
    set_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct LeaseV1 {
    attempt: String,
    until_ms: u64,
}

#[derive(Deserialize)]
struct AnyVersion {
    v: u64,
}

/// Writes.
pub(super) fn close(row: &Row) -> Result<SecretBytes, StoreFailure> {
    let envelope = EnvelopeV1 {
        v: 1,
        generation: row.record.generation.0,
        ended: row.ended,
        mark: row.mark.map(|mark| MarkV1 { attempt: digits(mark.attempt), set_ms: mark.set.0 }),
        lease: row.lease.map(|lease| LeaseV1 { attempt: digits(lease.attempt), until_ms: lease.until.0 }),
        discard_after_ms: row.record.discard_after.map(|until| until.0),
        bytes: Zeroizing::new(BASE64.encode(row.record.bytes.expose_secret())),
    };
    let json = serde_json::to_vec(&envelope);
    let impossible =
        |_| StoreFailure::new(StoreFailureKind::Misbehaved, "a row could not be written as JSON");
    json.map(SecretBytes::new).map_err(impossible)
}

/// Reads what this release or an older one wrote.
pub(super) fn open(bytes: &SecretBytes) -> Result<Row, StoreFailure> {
    let bytes = bytes.expose_secret();
    let AnyVersion { v } = serde_json::from_slice(bytes).map_err(|_| damaged("no envelope of grantline"))?;
    match v {
        1 => {
            let envelope: EnvelopeV1 =
                serde_json::from_slice(bytes).map_err(|_| damaged("an incomplete envelope"))?;
            envelope.into_row()
        }
        0 => Err(damaged("no envelope of grantline")),
        newer => {
            let detail = format!("it has version {newer}, and this release reads up to 1");
            Err(StoreFailure::new(StoreFailureKind::TooNew, detail))
        }
    }
}

impl EnvelopeV1 {
    fn into_row(self) -> Result<Row, StoreFailure> {
        let bytes = BASE64.decode(self.bytes.as_bytes()).map_err(|_| damaged("bytes that are no base64"))?;
        let record = Record {
            generation: Generation(self.generation),
            bytes: SecretBytes::new(bytes),
            discard_after: self.discard_after_ms.map(UnixMillis),
        };
        let mark = self.mark.map(|MarkV1 { attempt: digits, set_ms }| {
            Ok::<_, StoreFailure>(SetMark { attempt: attempt(&digits)?, set: Millis(set_ms) })
        });
        let lease = self.lease.map(|LeaseV1 { attempt: digits, until_ms }| {
            Ok::<_, StoreFailure>(Lease { attempt: attempt(&digits)?, until: Millis(until_ms) })
        });
        Ok(Row { record, ended: self.ended, mark: mark.transpose()?, lease: lease.transpose()? })
    }
}

fn digits(attempt: Attempt) -> String {
    format!("{:032x}", attempt.0)
}

fn attempt(digits: &str) -> Result<Attempt, StoreFailure> {
    u128::from_str_radix(digits, 16).map(Attempt).map_err(|_| damaged("an attempt that is no number"))
}

/// What was found is not shown: it may be somebody's secret.
fn damaged(what: &str) -> StoreFailure {
    StoreFailure::new(StoreFailureKind::Damaged, format!("under this name is {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the first release wrote it: it has to stay readable for ever.
    const FIRST_V1: &str = include_str!("../../../tests/fixtures/envelope_v1.json");

    fn first() -> Row {
        let record = Record {
            generation: Generation(u64::MAX),
            bytes: SecretBytes::new(vec![0, 255, 1, b'a']),
            discard_after: Some(UnixMillis(1_795_262_400_000)),
        };
        let mark = Some(SetMark { attempt: Attempt(0x0102_0304), set: Millis(60_000) });
        let lease = Some(Lease { attempt: Attempt(u128::MAX), until: Millis(85_000) });
        Row { record, ended: true, mark, lease }
    }

    fn kind(text: &str) -> StoreFailureKind {
        open(&SecretBytes::new(text.as_bytes().to_vec())).unwrap_err().kind
    }

    #[test]
    fn the_first_release_s_envelope_is_read_and_written_back_unchanged() {
        let text = FIRST_V1.trim_end();
        assert_eq!(open(&SecretBytes::new(text.as_bytes().to_vec())).unwrap(), first());
        assert_eq!(close(&first()).unwrap().expose_secret(), text.as_bytes());
    }

    #[test]
    fn members_of_a_later_release_of_the_same_version_are_passed_over() {
        let text = r#"{"v":1,"generation":3,"later":{},"bytes":""}"#;
        let row = open(&SecretBytes::new(text.as_bytes().to_vec())).unwrap();
        assert_eq!(row, Row::new(Record::new(Generation(3), SecretBytes::new(Vec::new()))));
    }

    #[test]
    fn what_is_no_envelope_or_a_newer_one_is_told_apart() {
        let half = &FIRST_V1[..40];
        let no_attempt = r#"{"v":1,"generation":3,"mark":{"attempt":"x","set_ms":1},"bytes":""}"#;
        for damaged in ["", "nonsense", "{}", r#"{"v":0}"#, r#"{"v":1}"#, half, no_attempt] {
            assert_eq!(kind(damaged), StoreFailureKind::Damaged, "{damaged}");
        }
        assert_eq!(kind(r#"{"v":1,"generation":3,"bytes":"?"}"#), StoreFailureKind::Damaged);
        assert_eq!(kind(r#"{"v":2,"anything":1}"#), StoreFailureKind::TooNew);
    }
}
