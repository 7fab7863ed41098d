import Foundation
internal import GrantlineGenerated

/// What a valid ID token says of the user who logged in (OpenID Connect Core section 2).
///
/// ``issuer`` and ``subject`` together identify the user; an email address does not (section 5.7). It prints no other claim
/// than issuer, subject and audience.
public struct IDTokenClaims: Sendable, Redacted {
    let native: GrantlineGenerated.IdTokenClaims

    /// Who issued it (`iss`).
    public var issuer: String { native.issuer() }
    /// The user, by a name that the issuer gives to nobody else (`sub`).
    public var subject: String { native.subject() }
    /// For whom it is (`aud`).
    public var audience: [String] { native.audience() }
    /// When it stops being good (`exp`). It says nothing of the session's end.
    public var expiresAt: Date { Date(unixMilliseconds: native.expiresAtMs()) }
    /// When it was issued (`iat`).
    public var issuedAt: Date { Date(unixMilliseconds: native.issuedAtMs()) }
    /// When the user logged in (`auth_time`).
    public var authTime: Date? { native.authTimeMs().map(Date.init(unixMilliseconds:)) }
    /// How surely the user was identified (`acr`). Visma Connect writes a small whole number.
    public var acr: String? { native.acr() }
    /// By what means the user was identified (`amr`; RFC 8176).
    public var amr: [String] { native.amr() }
    /// The user's session at the provider (`sid`).
    public var sessionID: String? { native.sessionId() }
    /// Where the user was identified (`idp`, Visma Connect).
    public var identityProvider: String? { native.identityProvider() }
    /// The user's last login before this one (`llt`, Visma Connect), as it stands there.
    public var lastLoginTime: JSONValue? { native.lastLoginTime().map(JSONValue.init) }
    /// The customer whose data the user chose (`tenant_id`, Visma Connect).
    public var tenantID: String? { native.tenantId() }

    /// Any further claim; `nil` where it is not there. Text in it is the provider's, and through it perhaps the user's:
    /// escape it.
    public func claim(_ name: String) -> JSONValue? { native.claim(name: name).map(JSONValue.init) }

    /// All claims that have no property of their own in the standard.
    public var furtherClaims: [String: JSONValue] { native.furtherClaims().mapValues(JSONValue.init) }

    public var description: String {
        "IDTokenClaims(issuer: \(issuer), subject: \(subject), audience: \(audience), redacted)"
    }
}

/// JSON, as it stands in a claim.
public enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    /// A whole number of 64 bits.
    case int(Int64)
    /// Any other number.
    case double(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(_ native: GrantlineGenerated.JsonValue) {
        switch native {
        case .nothing: self = .null
        case .truth(let value): self = .bool(value)
        case .whole(let value): self = .int(value)
        case .fraction(let value): self = .double(value)
        case .text(let value): self = .string(value)
        case .items(let values): self = .array(values.map(JSONValue.init))
        case .members(let values): self = .object(values.mapValues(JSONValue.init))
        }
    }
}
