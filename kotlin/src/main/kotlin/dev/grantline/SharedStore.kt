package dev.grantline

/**
 * A place for bytes that **many processes** use at the same time: a table, a document store. [Store.shared] makes a store
 * of it.
 *
 * It writes only over the version that was read, in one atomic step. That is all that is asked of it; who refreshes, and
 * what is newer, is decided elsewhere. Names, bytes, time limits and failures are as for a [BlobStore], but calls for the
 * same name come at the same time, from anywhere.
 *
 * With a table `(name text primary key, version bigint, bytes bytea)`:
 *
 * | method | SQL |
 * |---|---|
 * | `load` | `SELECT version, bytes FROM t WHERE name = ?`, and the database's clock |
 * | `replace`, nothing there | `INSERT INTO t VALUES (?, nextval('versions'), ?) ON CONFLICT DO NOTHING` |
 * | `replace`, over a version | `UPDATE t SET version = nextval('versions'), bytes = ? WHERE name = ? AND version = ?` |
 * | `delete` | `DELETE FROM t WHERE name = ? AND version = ?` |
 * | `list` | `SELECT name FROM t WHERE name LIKE ? AND name > ? COLLATE "C" ORDER BY name COLLATE "C" LIMIT ?` |
 *
 * A version must not come back, not even after a delete: a number that grows over the whole table, or a random one.
 */
public interface SharedStore {
    /** What is there, and the time. */
    public suspend fun load(name: String): Snapshot

    /**
     * Keeps the bytes if what is there is still of the version [expected]; `null`: if nothing is there. Answers whether it
     * did: then they are safe, and a [load] from anywhere gives them.
     */
    public suspend fun replace(name: String, expected: String?, bytes: ByteArray): Boolean

    /** Removes what is there if it is still of the version [expected]. Answers whether it did. */
    public suspend fun delete(name: String, expected: String): Boolean

    /** Names that begin with [prefix] and come after [after], in the order of their bytes: the first [limit] of them. */
    public suspend fun list(prefix: String, after: String?, limit: Int): List<String>
}

/**
 * What a [SharedStore] reads.
 *
 * @property clockMillis the store's own clock, read before or with the rest: milliseconds, from any beginning. Leases count
 *   by it, so it is the same for all processes
 * @property kept what is there; `null` if nothing is
 */
public class Snapshot(
    public val clockMillis: Long,
    public val kept: Versioned?,
) {
    override fun toString(): String = "Snapshot(clockMillis=$clockMillis, kept=$kept)"
}

/**
 * Bytes, and which version of them.
 *
 * @property version another one with every write; only the store reads it
 * @property bytes what was kept
 */
public class Versioned(
    public val version: String,
    public val bytes: ByteArray,
) {
    override fun toString(): String = "Versioned($version, ${bytes.size} bytes)"
}
