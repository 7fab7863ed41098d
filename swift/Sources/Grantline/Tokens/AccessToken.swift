import Foundation
internal import GrantlineGenerated

/// An access token (RFC 6749 section 1.4), with what the server said about it. It prints redacted.
public struct AccessToken: Sendable, Equatable, Redacted {
    private let secret: String

    /// When it ends; `nil` where the server did not say: then it is good until an API refuses it.
    public let expiresAt: Date?
    /// The scopes that were granted; those asked for, where the server named none (RFC 6749 section 5.1).
    public let scopes: [String]
    /// Which rotation of its grant it belongs to.
    public let generation: UInt64

    init(_ native: GrantlineGenerated.AccessToken) {
        secret = native.exposeSecret()
        expiresAt = native.expiresAtMs().map(Date.init(unixMilliseconds:))
        scopes = native.scopes()
        generation = native.generation()
    }

    /// The token itself, for an `Authorization: Bearer` header. Keep it out of logs and URLs.
    public func exposeSecret() -> String { secret }

    public var description: String { "AccessToken(redacted, generation: \(generation))" }
}
