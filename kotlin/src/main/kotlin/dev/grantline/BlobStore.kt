package dev.grantline

/**
 * A place for bytes that **one process** uses at a time: a keystore, a file of the application, a map. [Store.blobs] makes
 * a store of it.
 *
 * Names hold lower-case letters, digits and `. - ~ +`, at most 2 KiB of them, and differ by more than case. Bytes are
 * whatever was saved, at most 2 MiB in practice. Calls for the same name come one after the other, others at the same
 * time, on threads that may be blocked; after 5 seconds nobody waits for a call any more, and nothing else is asked under
 * its name until it comes back.
 *
 * What it keeps has to outlive the process, unless sessions may end with it. Failures are told as a
 * [StoreFailureException]; whatever else is thrown is `store_misbehaved`. None makes grantline delete anything.
 * [StoreContract] checks the rest.
 */
public interface BlobStore {
    /** What was saved last under that name; `null` if nothing is there. */
    public suspend fun load(name: String): ByteArray?

    /** Keeps the bytes in the place of what was there, wholly or not at all. When it returns they are safe. */
    public suspend fun save(name: String, bytes: ByteArray)

    /** Removes what is there, if anything. */
    public suspend fun delete(name: String)

    /** All names that begin so, in any order. */
    public suspend fun list(prefix: String): List<String>
}

/** What kind of failure a store's is, by what has to be done. */
public enum class StoreFailureKind {
    /** It cannot be reached, is busy, or did not answer in time. */
    UNAVAILABLE,

    /** There is no room left. */
    FULL,

    /** It may not be read or written: a read-only file, a locked keystore, missing rights. */
    DENIED,

    /** What it holds under that name is truncated or was changed. */
    DAMAGED,

    /** What it holds was written by a newer release. */
    TOO_NEW,

    /** A fault in the store itself. */
    MISBEHAVED,
}

/**
 * What a store of the application throws for an operation that was not done. Whoever waits for a token gets a
 * [StoreException] of that kind.
 *
 * @property kind what has to be done about it
 * @param detail the store's own words, for a person; they must hold no secret
 */
public class StoreFailureException(
    public val kind: StoreFailureKind,
    detail: String,
    cause: Throwable? = null,
) : Exception(detail, cause)
