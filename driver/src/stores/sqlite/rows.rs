//! Rows of the table, in SQL.

use grantline_core::{
    Attempt, Collection, Entry, Generation, Lease, Millis, Record, RecordKey, Row, SecretBytes, SetMark,
    StoreFailureKind, UnixMillis, Which,
};
use rusqlite::{Connection, OptionalExtension as _, named_params};

use super::failure::Trouble;
use crate::stores::retention::since_this_start;

/// Version 1. Generations are unsigned and kept by their bits; times are compared, and end with the highest that SQLite
/// knows. Those of marks and leases are on the clock of this machine that counts suspend, the others Unix time.
pub(super) const SCHEMA: &str = "
CREATE TABLE record (
    collection TEXT NOT NULL,
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    ended INTEGER NOT NULL,
    mark_attempt BLOB,
    mark_set_ms INTEGER,
    lease_attempt BLOB,
    lease_set_ms INTEGER,
    lease_until_ms INTEGER,
    lease_holder TEXT,
    discard_after_ms INTEGER,
    bytes BLOB NOT NULL,
    PRIMARY KEY (collection, name)
) STRICT;
CREATE INDEX record_marked ON record (collection, name) WHERE mark_attempt IS NOT NULL;
CREATE INDEX record_discardable ON record (discard_after_ms) WHERE discard_after_ms IS NOT NULL;
";

const READ: &str = "
SELECT generation, ended, mark_attempt, mark_set_ms, lease_attempt, lease_set_ms, lease_until_ms, lease_holder,
    discard_after_ms, bytes
FROM record WHERE collection = :collection AND name = :name";

const WRITE: &str = "
INSERT INTO record (collection, name, generation, ended, mark_attempt, mark_set_ms, lease_attempt, lease_set_ms,
                    lease_until_ms, lease_holder, discard_after_ms, bytes)
VALUES (:collection, :name, :generation, :ended, :mark_attempt, :mark_set_ms, :lease_attempt, :lease_set_ms,
        :lease_until_ms, :lease_holder, :discard_after_ms, :bytes)
ON CONFLICT (collection, name) DO UPDATE SET
    generation = excluded.generation, ended = excluded.ended,
    mark_attempt = excluded.mark_attempt, mark_set_ms = excluded.mark_set_ms,
    lease_attempt = excluded.lease_attempt, lease_set_ms = excluded.lease_set_ms, lease_until_ms = excluded.lease_until_ms,
    lease_holder = excluded.lease_holder, discard_after_ms = excluded.discard_after_ms, bytes = excluded.bytes";

const REMOVE: &str = "DELETE FROM record WHERE collection = :collection AND name = :name";

const LIVING: &str = "
SELECT name, generation FROM record
WHERE collection = :collection AND name > :after AND NOT ended ORDER BY name LIMIT :limit";

/// A lease of the future was taken before the machine was started: its holder is gone.
const ABANDONED: &str = "
SELECT name, generation FROM record INDEXED BY record_marked
WHERE collection = :collection AND name > :after AND mark_attempt IS NOT NULL AND NOT ended
    AND (lease_until_ms IS NULL OR lease_until_ms <= :now OR lease_set_ms > :now)
ORDER BY name LIMIT :limit";

const FREE: &str = "
UPDATE record INDEXED BY record_marked SET lease_attempt = NULL, lease_set_ms = NULL, lease_until_ms = NULL, lease_holder = NULL
WHERE mark_attempt IS NOT NULL AND lease_holder = :holder";

/// A bounded piece of work: others wait for the lock meanwhile.
const DISCARD: &str = "
DELETE FROM record WHERE rowid IN (SELECT rowid FROM record WHERE discard_after_ms < :now LIMIT :most)";

/// A row, and whose its lease is.
pub(super) struct Kept {
    pub(super) row: Row,
    pub(super) holder: Option<String>,
}

pub(super) fn read(connection: &Connection, key: &RecordKey, now: Millis) -> Result<Option<Kept>, Trouble> {
    let mut statement = connection.prepare_cached(READ)?;
    let name = named_params! { ":collection": key.collection.as_str(), ":name": key.name };
    let columns = statement.query_row(name, Columns::read).optional()?;
    columns.map(|columns| columns.into_kept(now)).transpose()
}

/// `holder`: this store, which takes every lease that it writes just `now`.
pub(super) fn write(
    connection: &Connection,
    key: &RecordKey,
    row: &Row,
    holder: &str,
    now: Millis,
) -> Result<(), Trouble> {
    connection.prepare_cached(WRITE)?.execute(named_params! {
        ":collection": key.collection.as_str(),
        ":name": key.name,
        ":generation": row.record.generation.0.cast_signed(),
        ":ended": row.ended,
        ":mark_attempt": row.mark.map(|mark| mark.attempt.0.to_be_bytes()),
        ":mark_set_ms": row.mark.map(|mark| time(mark.set.0)),
        ":lease_attempt": row.lease.map(|lease| lease.attempt.0.to_be_bytes()),
        ":lease_set_ms": row.lease.map(|_| time(now.0)),
        ":lease_until_ms": row.lease.map(|lease| time(lease.until.0)),
        ":lease_holder": row.lease.map(|_| holder),
        ":discard_after_ms": row.record.discard_after.map(|until| time(until.0)),
        ":bytes": row.record.bytes.expose_secret(),
    })?;
    Ok(())
}

pub(super) fn remove(connection: &Connection, key: &RecordKey) -> Result<(), Trouble> {
    let name = named_params! { ":collection": key.collection.as_str(), ":name": key.name };
    connection.prepare_cached(REMOVE)?.execute(name)?;
    Ok(())
}

pub(super) fn list(
    connection: &Connection,
    collection: &Collection,
    which: Which,
    after: &str,
    limit: u32,
    now: Millis,
) -> Result<Vec<Entry>, Trouble> {
    let entry = |row: &rusqlite::Row<'_>| {
        Ok(Entry { name: row.get(0)?, generation: Generation(row.get::<_, i64>(1)?.cast_unsigned()) })
    };
    let collection = collection.as_str();
    let entries = match which {
        Which::Living => connection.prepare_cached(LIVING)?.query_map(
            named_params! { ":collection": collection, ":after": after, ":limit": limit },
            entry,
        )?.collect::<Result<_, _>>()?,
        Which::Abandoned => connection.prepare_cached(ABANDONED)?.query_map(
            named_params! { ":collection": collection, ":after": after, ":limit": limit, ":now": time(now.0) },
            entry,
        )?.collect::<Result<_, _>>()?,
    };
    Ok(entries)
}

/// Ends the leases of a holder that is gone. Its marks stay: its answers may be lost.
pub(super) fn free(connection: &Connection, holder: &str) -> Result<(), Trouble> {
    connection.prepare_cached(FREE)?.execute(named_params! { ":holder": holder })?;
    Ok(())
}

/// Drops what nobody needs any more, `most` rows of it, and says how many there were.
pub(super) fn discard(connection: &Connection, now: UnixMillis, most: u32) -> Result<usize, Trouble> {
    let discarded =
        connection.prepare_cached(DISCARD)?.execute(named_params! { ":now": time(now.0), ":most": most })?;
    Ok(discarded)
}

struct Columns {
    generation: i64,
    ended: bool,
    mark: (Option<Vec<u8>>, Option<i64>),
    lease: (Option<Vec<u8>>, Option<i64>),
    lease_set: Option<i64>,
    holder: Option<String>,
    discard_after: Option<i64>,
    bytes: Vec<u8>,
}

impl Columns {
    fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            generation: row.get("generation")?,
            ended: row.get("ended")?,
            mark: (row.get("mark_attempt")?, row.get("mark_set_ms")?),
            lease: (row.get("lease_attempt")?, row.get("lease_until_ms")?),
            lease_set: row.get("lease_set_ms")?,
            holder: row.get("lease_holder")?,
            discard_after: row.get("discard_after_ms")?,
            bytes: row.get("bytes")?,
        })
    }

    fn into_kept(self, now: Millis) -> Result<Kept, Trouble> {
        let mark = attempt_and_time(self.mark)?.map(|(attempt, set)| SetMark { attempt, set });
        let lease = attempt_and_time(self.lease)?.map(|(attempt, until)| Lease { attempt, until });
        // One of the future was taken before the machine was started, and its holder is gone.
        let taken = self.lease_set.map(read_time).transpose()?.map(Millis);
        let lease = lease.filter(|_| taken.is_some_and(|taken| taken <= now));
        let record = Record {
            generation: Generation(self.generation.cast_unsigned()),
            bytes: SecretBytes::new(self.bytes),
            discard_after: self.discard_after.map(read_time).transpose()?.map(UnixMillis),
        };
        let row = Row { record, ended: self.ended, mark, lease };
        Ok(Kept { row: since_this_start(row, now), holder: self.holder })
    }
}

fn attempt_and_time(
    (attempt, time): (Option<Vec<u8>>, Option<i64>),
) -> Result<Option<(Attempt, Millis)>, Trouble> {
    match (attempt, time) {
        (Some(attempt), Some(time)) => {
            let attempt = attempt.try_into().map_err(|_| damaged("an attempt does not have 16 bytes"))?;
            Ok(Some((Attempt(u128::from_be_bytes(attempt)), Millis(read_time(time)?))))
        }
        (None, None) => Ok(None),
        // Half a mark must not be taken for none: a refresh may have been sent.
        _ => Err(damaged("an attempt and its time do not stand together")),
    }
}

/// A time of many millennia is the last of them that fits.
fn time(time: u64) -> i64 {
    i64::try_from(time).unwrap_or(i64::MAX)
}

fn read_time(time: i64) -> Result<u64, Trouble> {
    u64::try_from(time).map_err(|_| damaged("a time is negative"))
}

fn damaged(how: &'static str) -> Trouble {
    Trouble::Found(StoreFailureKind::Damaged, how)
}
