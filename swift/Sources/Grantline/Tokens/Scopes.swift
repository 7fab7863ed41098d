internal import GrantlineGenerated

/// The scopes to ask for (RFC 6749 section 3.3): `["visma_api:read"]`, or ``allAllowed``.
///
/// An empty list, or a scope that the standard forbids, is refused by the call that it is given to (`empty_scopes`,
/// `invalid_scope_value`).
public enum Scopes: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// Exactly these, sent in this order.
    case list([String])
    /// No scope parameter at all: the server grants what the registration allows.
    case allAllowed

    public init(arrayLiteral scopes: String...) {
        self = .list(scopes)
    }
}

extension Scopes {
    var native: GrantlineGenerated.Scopes {
        switch self {
        case .list(let scopes): .exactly(scopes: scopes)
        case .allAllowed: .allAllowed
        }
    }
}
