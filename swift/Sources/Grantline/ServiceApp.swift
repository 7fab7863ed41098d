internal import GrantlineGenerated

/// An application that acts as itself, without a user: one token for each tenant, scopes and resource, kept in memory
/// and refreshed ahead (RFC 6749 section 4.4).
public final class ServiceApp: Sendable {
    private struct Wanted: Hashable {
        let tenant: TenantChoice
        let scopes: Scopes
        let resource: String?
    }

    let native: GrantlineGenerated.ServiceApp
    private let client: Client
    private let sources = Locked<[Wanted: TokenSource]>([:])

    /// A service application.
    ///
    /// - Throws: `client_id_missing`, `client_secret_missing`, `secret_method_without_secret`.
    public init(_ registration: Registration, client: Client? = nil) throws {
        let client = try client ?? .shared()
        self.client = client
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
        try await tokenSource(for: tenant, scopes: scopes, resource: resource).freshToken()
    }

    /// A handle for asking again and again for the same token. Nothing is sent.
    ///
    /// - Throws: `invalid_tenant_id`, `empty_scopes`, `invalid_scope_value`, `invalid_resource`.
    public func tokenSource(
        for tenant: TenantChoice, scopes: Scopes, resource: String? = nil
    ) throws -> TokenSource {
        let wanted = Wanted(tenant: tenant, scopes: scopes, resource: resource)
        return try sources.with { sources in
            if let source = sources[wanted] { return source }
            let source = try translatingErrors {
                try native.tokenSource(tenant: tenant.native, scopes: scopes.native, resource: resource)
            }
            let handle = TokenSource(source, client)
            sources[wanted] = handle
            return handle
        }
    }
}
