internal import GrantlineGenerated

/// An authorization server: issuer, endpoints, and what is peculiar to it.
public struct Provider: Sendable, CustomStringConvertible {
    let native: GrantlineGenerated.Provider

    /// Visma Connect, production.
    public static let vismaConnect = Provider(native: .vismaConnect())

    /// Visma Connect, the staging environment that the Developer Portal calls sandbox. Registrations, secrets and
    /// tenants are separate from production's.
    public static let vismaConnectStaging = Provider(native: .vismaConnectStaging())

    /// A server that behaves like Visma Connect at another address: the emulator.
    ///
    /// - Parameter issuer: its base URL, without a trailing slash.
    /// - Throws: `invalid_issuer`.
    public static func vismaConnect(at issuer: String) throws -> Provider {
        try translatingErrors { Provider(native: try .vismaConnectAt(issuer: issuer)) }
    }

    /// Any standards-based provider, by its issuer alone. Its metadata document (OpenID Connect Discovery section 4, RFC 8414
    /// section 3) is fetched when it is first needed, and again after a day; a server that is down when the application
    /// starts does no harm.
    ///
    /// - Parameter issuer: an https URL, or http on loopback, character by character as the server calls itself.
    /// - Throws: `invalid_issuer`.
    public static func discover(_ issuer: String) throws -> Provider {
        try translatingErrors { Provider(native: try .discover(issuer: issuer)) }
    }

    /// Any standards-based provider, by the metadata document (RFC 8414, OpenID Connect Discovery) that the application
    /// fetched from it. It is not fetched again.
    ///
    /// - Parameters:
    ///   - issuer: as the application knows it, to be compared with the document's, character by character.
    ///   - document: the JSON text.
    /// - Throws: `invalid_issuer`, `metadata_issuer_mismatch`, `metadata_malformed`, `insecure_endpoint`,
    ///   `invalid_endpoint`.
    public static func metadata(issuer: String, document: String) throws -> Provider {
        try translatingErrors { Provider(native: try .fromMetadata(issuer: issuer, document: document)) }
    }

    /// The same provider with a parameter that names the tenant in a service token's request.
    public func withTenantParameter(_ name: String) -> Provider {
        Provider(native: native.withTenantParameter(name: name))
    }

    /// The issuer identifier.
    public var issuer: String { native.issuer() }

    public var description: String { issuer }
}
