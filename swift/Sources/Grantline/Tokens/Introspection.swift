import Foundation
internal import GrantlineGenerated

/// What the provider knows of a token (RFC 7662 section 2.2). It prints no member.
public struct Introspection: Sendable, Redacted {
    let native: GrantlineGenerated.Introspection

    /// Whether the token is good now. If it is not, nothing else is known of it.
    public var isActive: Bool { native.isActive() }
    /// The user, or whoever else granted it (`sub`).
    public var subject: String? { native.subject() }
    /// The client that it was issued to.
    public var clientID: String? { native.clientId() }
    /// Its scopes; `nil` where the server named none.
    public var scopes: [String]? { native.scopes() }
    /// When it stops being good; `nil` where the server did not say.
    public var expiresAt: Date? { native.expiresAtMs().map(Date.init(unixMilliseconds:)) }

    /// Any member; `nil` where it is not there.
    public func member(_ name: String) -> JSONValue? { native.member(name: name).map(JSONValue.init) }

    /// All members.
    public var members: [String: JSONValue] { native.members().mapValues(JSONValue.init) }

    public var description: String { "Introspection(isActive: \(isActive), redacted)" }
}

/// What stands in a JSON Web Token. **Nobody has verified it**: anybody may have written it. It prints nothing of that.
public struct Inspection: Sendable, Redacted {
    private let native: GrantlineGenerated.Inspection

    /// Looks into a token, for a person: it decides nothing, since an access token is the API's business (RFC 9068
    /// section 6), and verifies nothing. `nil`: the token is opaque, and only its server knows what it means.
    public init?(of token: String) {
        guard let native = inspectToken(token: token) else { return nil }
        self.native = native
    }

    /// The header.
    public var header: [String: JSONValue] { native.header().mapValues(JSONValue.init) }
    /// The claims.
    public var claims: [String: JSONValue] { native.claims().mapValues(JSONValue.init) }

    public var description: String { "Inspection(redacted)" }
}
