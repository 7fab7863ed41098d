internal import GrantlineGenerated

/// An application that acts as itself, without a user: one token for each tenant, scopes and resource, kept in memory
/// and refreshed ahead (RFC 6749 section 4.4).
public final class ServiceApp: Sendable {
    let native: GrantlineGenerated.ServiceApp
    private let client: Client
    private let registration: Registration

    /// A service application.
    ///
    /// - Throws: `client_id_missing`, `client_secret_missing`, `secret_method_without_secret`.
    public init(_ registration: Registration, client: Client? = nil) throws {
        let client = try client ?? .shared()
        self.client = client
        self.registration = registration
        native = try translatingErrors { try client.native.serviceApp(registration: registration.native) }
    }

    /// A token that is good now: from memory, or from the server. All who ask for the same one meanwhile share one
    /// request.
    ///
    /// - Parameters:
    ///   - tenant: whose data it is for.
    ///   - scopes: what it may do.
    ///   - resource: the API that it is for (RFC 8707): an absolute URI without fragment.
    /// - Throws: `invalid_tenant_id`, `empty_scopes`, `invalid_scope_value`, `scope_forbidden`, `invalid_resource`,
    ///   `tenant_not_supported` before anything is sent; the server's refusal, a violation or a transport failure after;
    ///   `CancellationError` if the task was cancelled while it waited.
    public func token(
        for tenant: TenantChoice, scopes: Scopes, resource: String? = nil
    ) async throws -> AccessToken {
        let copy = client.copies.of(grant(tenant, scopes, resource))
        if let token = copy.token() { return token }
        return try await tokenSource(for: tenant, scopes: scopes, resource: resource).freshToken()
    }

    /// A handle for asking again and again for the same token. Nothing is sent.
    ///
    /// - Throws: `invalid_tenant_id`, `empty_scopes`, `invalid_scope_value`, `invalid_resource`.
    public func tokenSource(
        for tenant: TenantChoice, scopes: Scopes, resource: String? = nil
    ) throws -> TokenSource {
        let source = try translatingErrors {
            try native.tokenSource(tenant: tenant.native, scopes: scopes.native, resource: resource)
        }
        return TokenSource(source, client.copies.of(grant(tenant, scopes, resource)), client)
    }

    /// What the provider knows of a token (RFC 7662): for an application that is an API itself.
    ///
    /// - Throws: `endpoint_missing`; the provider's refusal; a transport failure.
    public func introspect(_ token: String) async throws -> Introspection {
        Introspection(
            native: try await cancellable { [native] in
                try await native.introspect(token: token, cancellation: $0)
            })
    }

    private func grant(_ tenant: TenantChoice, _ scopes: Scopes, _ resource: String?) -> Grant {
        .service(
            issuer: registration.issuer, clientID: registration.clientID, tenant: tenant, scopes: scopes,
            resource: resource)
    }
}
