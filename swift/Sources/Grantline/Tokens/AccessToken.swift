import Foundation
internal import GrantlineGenerated

/// An access token (RFC 6749 section 1.4), with what the server said about it. It prints redacted.
public struct AccessToken: Sendable, Equatable, Redacted {
    let native: GrantlineGenerated.AccessToken
    private let secret: String

    /// When it ends; `nil` where the server did not say: then it is good until an API refuses it.
    public let expiresAt: Date?
    /// The scopes that were granted; those asked for, where the server named none (RFC 6749 section 5.1).
    public let scopes: [String]
    /// Which rotation of its grant it belongs to.
    public let generation: UInt64
    /// `false` if the store did not take the tokens that came with this one. It is as good as any, and saving is tried
    /// again; but should this process end first, the session is lost with it. Of a service nothing is lost but a request.
    public let isSaved: Bool

    init(_ native: GrantlineGenerated.AccessToken) {
        self.native = native
        secret = native.exposeSecret()
        expiresAt = native.expiresAtMs().map(Date.init(unixMilliseconds:))
        scopes = native.scopes()
        generation = native.generation()
        isSaved = native.isSaved()
    }

    /// The token itself, for an `Authorization: Bearer` header. Keep it out of logs and URLs.
    public func exposeSecret() -> String { secret }

    /// Whether they are the same token of the same rotation.
    public static func == (one: AccessToken, other: AccessToken) -> Bool {
        one.secret == other.secret && one.generation == other.generation
    }

    public var description: String { "AccessToken(redacted, generation: \(generation))" }
}
