internal import GrantlineGenerated

/// What the provider says of a user (OpenID Connect Core section 5.3). It prints no other claim than the subject.
public struct UserInfo: Sendable, Redacted {
    let native: GrantlineGenerated.UserInfo

    /// The user, by the name that the ID token has as well (`sub`).
    public var subject: String { native.subject() }

    /// A claim; `nil` where it is not there. Text in it is the user's: escape it.
    public func claim(_ name: String) -> JSONValue? { native.claim(name: name).map(JSONValue.init) }

    /// All claims.
    public var claims: [String: JSONValue] { native.claims().mapValues(JSONValue.init) }

    public var description: String { "UserInfo(subject: \(subject), redacted)" }
}
