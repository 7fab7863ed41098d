import Foundation

/// A place for bytes that **many processes** use at the same time: a table, a document store. ``Store/shared(_:)`` makes a
/// store of it.
///
/// It writes only over the version that was read, in one atomic step. That is all that is asked of it; who refreshes, and
/// what is newer, is decided elsewhere. Names, bytes, time limits and failures are as for a ``BlobStore``, but calls for the
/// same name come at the same time, from anywhere.
///
/// With a table `(name text primary key, version bigint, bytes bytea)`:
///
/// | method | SQL |
/// |---|---|
/// | `load` | `SELECT version, bytes FROM t WHERE name = ?`, and the database's clock |
/// | `replace`, nothing there | `INSERT INTO t VALUES (?, nextval('versions'), ?) ON CONFLICT DO NOTHING` |
/// | `replace`, over a version | `UPDATE t SET version = nextval('versions'), bytes = ? WHERE name = ? AND version = ?` |
/// | `delete` | `DELETE FROM t WHERE name = ? AND version = ?` |
/// | `list` | `SELECT name FROM t WHERE name LIKE ? AND name > ? COLLATE "C" ORDER BY name COLLATE "C" LIMIT ?` |
///
/// A version must not come back, not even after a delete: a number that grows over the whole table, or a random one.
public protocol SharedStore: Sendable {
    /// What is there, and the time.
    func load(_ name: String) async throws -> Snapshot

    /// Keeps the bytes if what is there is still of the version `expected`; `nil`: if nothing is there. Answers whether it
    /// did: then they are safe, and a ``load(_:)`` from anywhere gives them.
    func replace(_ name: String, expected: String?, _ bytes: Data) async throws -> Bool

    /// Removes what is there if it is still of the version `expected`. Answers whether it did.
    func delete(_ name: String, expected: String) async throws -> Bool

    /// Names that begin with `prefix` and come after `after`, in the order of their bytes: the first `limit` of them.
    func list(_ prefix: String, after: String?, limit: Int) async throws -> [String]
}

/// What a ``SharedStore`` reads.
public struct Snapshot: Sendable, Redacted {
    /// The store's own clock, read before or with the rest: milliseconds, from any beginning. Leases count by it, so it is
    /// the same for all processes.
    public let clockMilliseconds: Int64
    /// What is there; `nil` if nothing is.
    public let kept: Versioned?

    /// What was read.
    public init(clockMilliseconds: Int64, kept: Versioned?) {
        self.clockMilliseconds = clockMilliseconds
        self.kept = kept
    }

    public var description: String {
        "Snapshot(clockMilliseconds: \(clockMilliseconds), kept: \(kept?.description ?? "nothing"))"
    }
}

/// Bytes, and which version of them.
public struct Versioned: Sendable, Redacted {
    /// Another one with every write; only the store reads it.
    public let version: String
    /// What was kept.
    public let bytes: Data

    /// A version.
    public init(version: String, bytes: Data) {
        self.version = version
        self.bytes = bytes
    }

    public var description: String { "Versioned(\(version), \(bytes.count) bytes)" }
}
