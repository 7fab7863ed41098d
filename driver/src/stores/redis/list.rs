//! Pages of names, by the sorted sets that the scripts keep beside the records.

use grantline_core::{Collection, Entry, Generation, Which};
use redis::{Pipeline, RedisResult, cmd};

use super::connection::Connection;
use super::reply::generation;
use super::scripts::Names;

/// What a list needs of a record: generation, ended, attempt of the mark, end of the lease.
type Summary = (Option<Vec<u8>>, Option<String>, Option<String>, Option<u64>);

/// How many records one look asks for.
const MOST_AT_ONCE: usize = 1000;

pub(super) struct List<'a> {
    pub(super) collection: &'a Collection,
    pub(super) which: Which,
    pub(super) limit: usize,
}

impl List<'_> {
    /// A page of names after that one. Names whose records Redis has dropped are passed over, so it may take
    /// more than one look.
    pub(super) async fn page(
        &self,
        connection: &mut Connection,
        after: Option<&str>,
    ) -> RedisResult<Vec<Entry>> {
        let mut entries = Vec::new();
        let mut after = after.map(str::to_owned);
        while entries.len() < self.limit {
            let wanted = (self.limit - entries.len()).min(MOST_AT_ONCE);
            let names = self.names(connection, after.as_deref(), wanted).await?;
            let is_last = names.len() < wanted;
            after = names.last().cloned().or(after);
            entries.extend(self.entries(connection, names).await?);
            if is_last {
                break;
            }
        }
        Ok(entries)
    }

    async fn names(
        &self,
        connection: &mut Connection,
        after: Option<&str>,
        limit: usize,
    ) -> RedisResult<Vec<String>> {
        let names = Names(self.collection.as_str());
        let key = match self.which {
            Which::Living => names.living(),
            Which::Abandoned => names.marked(),
        };
        let from = after.map_or_else(|| "-".to_owned(), |name| format!("({name}"));
        let mut range = cmd("ZRANGEBYLEX");
        range.arg(key).arg(from).arg("+").arg("LIMIT").arg(0).arg(limit);
        range.query_async(connection).await
    }

    async fn entries(&self, connection: &mut Connection, names: Vec<String>) -> RedisResult<Vec<Entry>> {
        let keys = Names(self.collection.as_str());
        let mut questions = Pipeline::with_capacity(names.len() + 1);
        questions.cmd("TIME");
        for name in &names {
            let fields = ["generation", "ended", "mark_attempt", "lease_until"];
            questions.cmd("HMGET").arg(keys.record(name)).arg(&fields);
        }
        let mut answers: Vec<redis::Value> = questions.query_async(connection).await?;
        let records = answers.split_off(answers.len().min(1));
        let (seconds, microseconds): (u64, u64) =
            redis::from_redis_value(answers.pop().unwrap_or(redis::Value::Nil))?;
        let now = seconds.saturating_mul(1000).saturating_add(microseconds / 1000);
        let mut entries = Vec::with_capacity(names.len());
        for (name, record) in names.into_iter().zip(records) {
            let summary: Summary = redis::from_redis_value(record)?;
            entries.extend(self.entry(name, summary, now));
        }
        Ok(entries)
    }

    fn entry(&self, name: String, summary: Summary, now: u64) -> Option<Entry> {
        let (digits, ended, mark, lease_until) = summary;
        let generation: Generation = generation(&digits?)?;
        let is_wanted = match self.which {
            Which::Living => true,
            Which::Abandoned => mark.is_some() && lease_until.is_none_or(|until| until <= now),
        };
        (is_wanted && ended.is_none()).then_some(Entry { name, generation })
    }
}
