import Foundation
internal import GrantlineGenerated

/// A login that waits for its callback. It survives the process as a record, and moves between servers.
///
/// Keep it where only the application can read it, under its ``state``, and hand it over when the callback comes. It
/// holds the proof key, so it is a secret.
public struct PendingLogin: Sendable, Redacted {
    let native: GrantlineGenerated.PendingLogin

    /// Reads a record that ``toRecord()`` wrote, in this release or an older one.
    ///
    /// - Throws: `record_malformed`, `record_too_new`.
    public static func fromRecord(_ record: String) throws -> PendingLogin {
        try translatingErrors { PendingLogin(native: try .fromRecord(record: record)) }
    }

    /// The record to keep: JSON text that begins with its version. A secret.
    public func toRecord() throws -> String {
        try translatingErrors { try native.toRecord() }
    }

    /// The `state` parameter: the key under which the application keeps the record.
    public var state: String { native.state() }

    /// When it stops being good.
    public var expiresAt: Date { Date(unixMilliseconds: native.expiresAtMs()) }

    /// The redirect URI of this login.
    public var redirectURI: String { native.redirectUri() }

    public var description: String { "PendingLogin(redacted, expires: \(expiresAt))" }
}
