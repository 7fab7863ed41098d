import Foundation
internal import GrantlineGenerated

/// A place for sessions: ``Client/Settings/store``. Clients that are given the same one share the place.
///
/// What leaves the memory of a process is sealed, so every store but ``memory()`` wants ``SealingKeys`` as well.
public struct Store: Sendable, Redacted {
    let native: GrantlineGenerated.Store
    private let kind: String

    /// Sessions that live as long as the store, in memory: for tests, and whoever logs in anew at each start.
    public static func memory() -> Store {
        Store(native: .memory(), kind: "memory")
    }

    /// Sessions in an SQLite file, which any number of processes of this machine and user share. It is made if it is not
    /// there, for its owner alone; its folder has to be there, on a local disk. Opening it blocks the thread, for 5 seconds
    /// at most where other processes are in the way.
    ///
    /// - Throws: `store_denied` if the file or its folder may not be written, `store_damaged` if something else is there,
    ///   `store_too_new`, `store_unavailable`.
    public static func sqlite(_ path: String) throws -> Store {
        Store(native: try translatingErrors { try .sqlite(path: path) }, kind: "sqlite")
    }

    /// Sessions in Redis, which many processes and hosts share. It has to run with `maxmemory-policy noeviction`, or grants
    /// are thrown away; what survives a power cut is what its `appendfsync` says. It connects when it is first used.
    ///
    /// - Parameters:
    ///   - url: `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS, or `redis+unix:///path`.
    ///   - rootCertificates: roots to trust instead of the system's, in PEM.
    /// - Throws: `store_denied` for a URL or certificates that cannot be read.
    public static func redis(_ url: String, rootCertificates: Data? = nil) throws -> Store {
        Store(
            native: try translatingErrors { try .redis(url: url, rootCertificates: rootCertificates) }, kind: "redis")
    }

    /// Sessions in a PostgreSQL database, which many processes and hosts share. Its tables `grantline_schema` and
    /// `grantline_records` are created when it is first used; a role that may not create them needs `SELECT` on both and
    /// `INSERT`, `UPDATE` and `DELETE` on the second. It works behind a pooler in transaction mode.
    ///
    /// - Parameters:
    ///   - url: `postgres://user:password@host:port/database`. TLS is required and its certificates verified, but on
    ///     loopback or a Unix socket; `sslmode=disable` is a server elsewhere that has none.
    ///   - rootCertificates: roots to trust instead of the system's, in PEM.
    /// - Throws: `store_denied` for a URL or certificates that cannot be read.
    public static func postgres(_ url: String, rootCertificates: Data? = nil) throws -> Store {
        Store(
            native: try translatingErrors { try .postgres(url: url, rootCertificates: rootCertificates) },
            kind: "postgres")
    }

    /// Sessions in a place of the application that one process uses at a time. There must be one `Store` for it: leases are
    /// in its memory.
    public static func blobs(_ store: some BlobStore) -> Store {
        let made = blobStore()
        StoreLoop.run(next: { [work = made.work] in await work.next() }, answer: { await $0.answer(from: store) })
        return Store(native: made.store, kind: "blobs")
    }

    /// Sessions in a place of the application that many processes share.
    public static func shared(_ store: some SharedStore) -> Store {
        let made = sharedStore()
        StoreLoop.run(next: { [work = made.work] in await work.next() }, answer: { await $0.answer(from: store) })
        return Store(native: made.store, kind: "shared")
    }

    public var description: String { "Store(\(kind))" }
}
