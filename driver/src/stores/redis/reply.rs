//! What a script answers, as a reply.

use std::time::Duration;

use grantline_core::{
    Attempt, Generation, Mark, Record, SecretBytes, StoreFailure, StoreFailureKind, StoreReply, UnixMillis,
};

/// The fields of an answer, the first of which is its word.
pub(super) fn reply(answer: Vec<Vec<u8>>) -> Result<StoreReply, StoreFailure> {
    let mut fields = Fields(answer.into_iter());
    let reply = match fields.text()?.as_str() {
        "done" => StoreReply::Done,
        "missing" => StoreReply::Missing,
        "superseded" => StoreReply::Superseded,
        "ended" => StoreReply::Ended { generation: fields.generation()? },
        "held" => StoreReply::Held { remaining: fields.milliseconds()? },
        "loaded" => StoreReply::Loaded(fields.record()?),
        "newer" => StoreReply::Newer(fields.record()?),
        "closed" => StoreReply::Closed(fields.record()?),
        "begun" => fields.begun()?,
        "damaged" => return Err(damaged("the record is not what this library writes")),
        "too_new" => {
            let detail = "the record's version is not 1";
            return Err(StoreFailure::new(StoreFailureKind::TooNew, detail));
        }
        _ => return Err(not_ours()),
    };
    Ok(reply)
}

pub(super) fn damaged(detail: &str) -> StoreFailure {
    StoreFailure::new(StoreFailureKind::Damaged, detail)
}

fn not_ours() -> StoreFailure {
    StoreFailure::new(StoreFailureKind::Misbehaved, "a script gave an answer that it never gives")
}

/// A generation, as its digits.
pub(super) fn generation(digits: &[u8]) -> Option<Generation> {
    std::str::from_utf8(digits).ok()?.parse().ok().map(Generation)
}

struct Fields(std::vec::IntoIter<Vec<u8>>);

impl Fields {
    fn bytes(&mut self) -> Result<Vec<u8>, StoreFailure> {
        self.0.next().ok_or_else(not_ours)
    }

    fn text(&mut self) -> Result<String, StoreFailure> {
        String::from_utf8(self.bytes()?).map_err(|_| not_ours())
    }

    fn number(&mut self) -> Result<u64, StoreFailure> {
        self.text()?.parse().map_err(|_| damaged("a time of the record is beyond every calendar"))
    }

    fn milliseconds(&mut self) -> Result<Duration, StoreFailure> {
        self.number().map(Duration::from_millis)
    }

    fn generation(&mut self) -> Result<Generation, StoreFailure> {
        generation(&self.bytes()?).ok_or_else(|| damaged("the record's generation is too high"))
    }

    fn record(&mut self) -> Result<Record, StoreFailure> {
        let mut record = Record::new(self.generation()?, SecretBytes::new(self.bytes()?));
        let discard_after = self.text()?;
        if !discard_after.is_empty() {
            let time =
                discard_after.parse().map_err(|_| damaged("the record's end is beyond every calendar"))?;
            record.discard_after = Some(UnixMillis(time));
        }
        Ok(record)
    }

    fn begun(&mut self) -> Result<StoreReply, StoreFailure> {
        let record = self.record()?;
        if self.0.len() == 0 {
            return Ok(StoreReply::Begun { record, earlier: None });
        }
        let attempt = u128::from_str_radix(&self.text()?, 16).map_err(|_| not_ours())?;
        let mark = Mark::new(Attempt(attempt), record.generation, self.milliseconds()?);
        Ok(StoreReply::Begun { record, earlier: Some(mark) })
    }
}
