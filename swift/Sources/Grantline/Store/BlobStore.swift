import Foundation

/// A place for bytes that **one process** uses at a time: a keychain, a file of the application, a dictionary.
/// ``Store/blobs(_:)`` makes a store of it.
///
/// Names hold lower-case letters, digits and `. - ~ +`, at most 2 KiB of them, and differ by more than case. Bytes are
/// whatever was saved, at most 2 MiB in practice. Calls for the same name come one after the other, others at the same time,
/// in tasks of their own that are never cancelled; after 5 seconds nobody waits for a call any more, and nothing else is
/// asked under its name until it comes back. As in any `async` function, a call that blocks its thread holds up others.
///
/// What it keeps has to outlive the process, unless sessions may end with it. Failures are told as a ``StoreFailure``;
/// whatever else is thrown is `store_misbehaved`. None makes grantline delete anything. ``StoreContract`` checks the rest.
public protocol BlobStore: Sendable {
    /// What was saved last under that name; `nil` if nothing is there.
    func load(_ name: String) async throws -> Data?

    /// Keeps the bytes in the place of what was there, wholly or not at all. When it returns they are safe.
    func save(_ name: String, _ bytes: Data) async throws

    /// Removes what is there, if anything.
    func delete(_ name: String) async throws

    /// All names that begin so, in any order.
    func list(_ prefix: String) async throws -> [String]
}

/// What a store of the application throws for an operation that was not done. Whoever waits for a token gets a
/// ``GrantlineError`` of that kind.
public struct StoreFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it is, by what has to be done.
    public enum Kind: String, Sendable, CaseIterable {
        /// It cannot be reached, is busy, or did not answer in time.
        case unavailable
        /// There is no room left.
        case full
        /// It may not be read or written: a read-only file, a locked keychain, missing rights.
        case denied
        /// What it holds under that name is truncated or was changed.
        case damaged
        /// What it holds was written by a newer release.
        case tooNew = "too_new"
        /// A fault in the store itself.
        case misbehaved
    }

    /// What has to be done about it.
    public let kind: Kind
    /// The store's own words, for a person; they must hold no secret.
    public let detail: String

    /// A failure.
    public init(_ kind: Kind, detail: String) {
        self.kind = kind
        self.detail = detail
    }

    public var description: String { "\(kind.rawValue): \(detail)" }
}
