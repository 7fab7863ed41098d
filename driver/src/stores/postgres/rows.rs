//! Rows: read, changed by core's rule, and written over what was read.
//!
//! No transaction spans two statements, so whoever stops in between holds nobody up.

use grantline_core::{
    Attempt, Change, Collection, Entry, Generation, Lease, Millis, Record, RecordKey, RecordOperation, Row,
    SecretBytes, SetMark, StoreFailure, StoreFailureKind, StoreReply, UnixMillis, Which,
};
use tokio_postgres::types::{FromSql, ToSql, Type};
use tokio_postgres::{Client, Error};
use uuid::Uuid;

use super::failure::{broke, is_conflict};
use crate::stores::kept::Broke;
use crate::stores::retention::retained;

const READ: &str = "SELECT version, generation::text, ended, record, discard_after::text, \
     mark_attempt, mark_set, lease_attempt, lease_until, \
     floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now \
     FROM grantline_records WHERE collection = $1 AND name = $2";

const INSERT: &str = "INSERT INTO grantline_records (version, collection, name, generation, ended, record, \
     discard_after, mark_attempt, mark_set, lease_attempt, lease_until) \
     VALUES (gen_random_uuid(), $1, $2, $3::text::numeric, $4, $5, $6::text::numeric, $7, $8, $9, $10) \
     ON CONFLICT (collection, name) DO NOTHING";

const UPDATE: &str = "UPDATE grantline_records SET version = gen_random_uuid(), generation = $3::text::numeric, \
     ended = $4, record = $5, discard_after = $6::text::numeric, mark_attempt = $7, mark_set = $8, \
     lease_attempt = $9, lease_until = $10 \
     WHERE collection = $1 AND name = $2 AND version = $11";

const DELETE: &str = "DELETE FROM grantline_records WHERE collection = $1 AND name = $2";

/// A bounded piece of work that waits for nobody.
const SWEEP: &str = "DELETE FROM grantline_records WHERE (collection, name) IN \
     (SELECT collection, name FROM grantline_records \
     WHERE discard_after < (extract(epoch FROM now()) * 1000)::numeric LIMIT $1 FOR UPDATE SKIP LOCKED)";

const LIST_LIVING: &str = "SELECT name, generation::text FROM grantline_records \
     WHERE collection = $1 AND name > $2 AND NOT ended ORDER BY name LIMIT $3";

const LIST_ABANDONED: &str = "SELECT name, generation::text FROM grantline_records \
     WHERE collection = $1 AND name > $2 AND NOT ended AND mark_attempt IS NOT NULL \
     AND (lease_until IS NULL OR lease_until <= extract(epoch FROM clock_timestamp()) * 1000) \
     ORDER BY name LIMIT $3";

type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

/// Which row.
struct Named<'a> {
    collection: &'a str,
    name: &'a str,
}

impl Named<'_> {
    fn parameters(&self) -> [Parameter<'_>; 2] {
        [(&self.collection, Type::TEXT), (&self.name, Type::TEXT)]
    }
}

pub(super) struct Rows<'a>(pub(super) &'a Client);

/// Removes what may be discarded, `most` rows of it, and says how many there were.
pub(super) async fn sweep(client: &Client, most: u32) -> Result<u64, Error> {
    client.execute_typed(SWEEP, &[(&i64::from(most), Type::INT8)]).await
}

impl Rows<'_> {
    pub(super) async fn on(&self, key: &RecordKey, operation: &RecordOperation) -> Result<StoreReply, Broke> {
        let key = &Named { collection: key.collection.as_str(), name: &key.name };
        if *operation == RecordOperation::Delete {
            // Also what cannot be read.
            self.0.execute_typed(DELETE, &key.parameters()).await.map_err(|error| broke(&error))?;
            return Ok(StoreReply::Done);
        }
        // Each time around somebody else has got something done.
        loop {
            let found = self.read(key).await?;
            let (version, now) =
                found.as_ref().map_or((None, Millis(0)), |found| (Some(found.version), found.now));
            let row = found.map(|found| found.row);
            let (reply, change) = Row::perform(row, operation.clone(), now);
            let is_written = match change {
                Change::Write(row) => self.write(key, &retained(row, UnixMillis(now.0)), version).await?,
                Change::None | Change::Remove => true,
            };
            if is_written {
                return Ok(reply);
            }
        }
    }

    async fn read(&self, key: &Named<'_>) -> Result<Option<Found>, Broke> {
        let rows = self.0.query_typed(READ, &key.parameters()).await.map_err(|error| broke(&error))?;
        rows.first().map(Found::read).transpose().map_err(Broke::from)
    }

    /// False: what was read is no longer there.
    async fn write(&self, key: &Named<'_>, row: &Row, version: Option<Uuid>) -> Result<bool, Broke> {
        let generation = row.record.generation.0.to_string();
        let discard_after = row.record.discard_after.map(|UnixMillis(time)| time.to_string());
        let bytes = row.record.bytes.expose_secret();
        let mark = row.mark.map(|mark| (id(mark.attempt), time(mark.set)));
        let lease = row.lease.map(|lease| (id(lease.attempt), time(lease.until)));
        let (mark, mark_set) = (mark.map(|mark| mark.0), mark.map(|mark| mark.1));
        let (lease, lease_until) = (lease.map(|lease| lease.0), lease.map(|lease| lease.1));
        let mut parameters = key.parameters().to_vec();
        parameters.extend([
            (&generation as &(dyn ToSql + Sync), Type::TEXT),
            (&row.ended, Type::BOOL),
            (&bytes, Type::BYTEA),
            (&discard_after, Type::TEXT),
            (&mark, Type::UUID),
            (&mark_set, Type::INT8),
            (&lease, Type::UUID),
            (&lease_until, Type::INT8),
        ]);
        let statement = if version.is_some() { UPDATE } else { INSERT };
        if version.is_some() {
            parameters.push((&version, Type::UUID));
        }
        match self.0.execute_typed(statement, &parameters).await {
            Ok(written) => Ok(written == 1),
            Err(error) if is_conflict(&error) => Ok(false),
            Err(error) => Err(broke(&error)),
        }
    }

    pub(super) async fn list(
        &self,
        collection: &Collection,
        which: Which,
        after: Option<&str>,
        limit: u32,
    ) -> Result<StoreReply, Broke> {
        let statement = match which {
            Which::Living => LIST_LIVING,
            Which::Abandoned => LIST_ABANDONED,
        };
        let (collection, after, limit) = (collection.as_str(), after.unwrap_or_default(), i64::from(limit));
        let parameters: [Parameter<'_>; 3] =
            [(&collection, Type::TEXT), (&after, Type::TEXT), (&limit, Type::INT8)];
        let rows = self.0.query_typed(statement, &parameters).await.map_err(|error| broke(&error))?;
        let entries: Result<Vec<Entry>, StoreFailure> = rows.iter().map(entry).collect();
        Ok(StoreReply::Listed(entries?))
    }
}

/// A row as it was read.
struct Found {
    version: Uuid,
    row: Row,
    now: Millis,
}

impl Found {
    fn read(from: &tokio_postgres::Row) -> Result<Self, StoreFailure> {
        let mut record = Record::new(generation(from)?, SecretBytes::new(column(from, "record")?));
        let discard_after: Option<String> = column(from, "discard_after")?;
        record.discard_after = discard_after.map(|time| number(&time)).transpose()?.map(UnixMillis);
        let mark = pair(from, "mark_attempt", "mark_set")?;
        let lease = pair(from, "lease_attempt", "lease_until")?;
        let row = Row {
            record,
            ended: column(from, "ended")?,
            mark: mark.map(|(attempt, set)| SetMark { attempt, set }),
            lease: lease.map(|(attempt, until)| Lease { attempt, until }),
        };
        Ok(Self { version: column(from, "version")?, row, now: millis(column(from, "now")?)? })
    }
}

fn entry(row: &tokio_postgres::Row) -> Result<Entry, StoreFailure> {
    Ok(Entry { name: column(row, "name")?, generation: generation(row)? })
}

fn generation(row: &tokio_postgres::Row) -> Result<Generation, StoreFailure> {
    let generation: String = column(row, "generation")?;
    number(&generation).map(Generation)
}

fn pair(
    row: &tokio_postgres::Row,
    attempt: &str,
    time: &str,
) -> Result<Option<(Attempt, Millis)>, StoreFailure> {
    let attempt: Option<Uuid> = column(row, attempt)?;
    match (attempt, column::<Option<i64>>(row, time)?) {
        (Some(attempt), Some(time)) => Ok(Some((Attempt(attempt.as_u128()), millis(time)?))),
        (None, None) => Ok(None),
        _ => Err(damaged(format!("`{time}` and its attempt do not stand together"))),
    }
}

fn column<'a, T: FromSql<'a>>(row: &'a tokio_postgres::Row, name: &str) -> Result<T, StoreFailure> {
    row.try_get(name).map_err(|error| damaged(error.to_string()))
}

fn number(digits: &str) -> Result<u64, StoreFailure> {
    digits.parse().map_err(|_| damaged("a number is negative, or too high"))
}

fn millis(time: i64) -> Result<Millis, StoreFailure> {
    u64::try_from(time).map(Millis).map_err(|_| damaged("a time is before 1970"))
}

fn damaged(how: impl Into<String>) -> StoreFailure {
    StoreFailure::new(StoreFailureKind::Damaged, how)
}

fn id(Attempt(attempt): Attempt) -> Uuid {
    Uuid::from_u128(attempt)
}

/// A lease of many millennia ends with the last of them that fits.
fn time(Millis(time): Millis) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}
