internal import GrantlineGenerated

/// Whose data a service token is for, in words: leaving it out would be a choice too.
///
/// Visma Connect answers a request without a tenant with a token for the application's *default tenant*, if one is
/// configured: another customer's data.
public enum TenantChoice: Sendable, Hashable {
    /// This tenant, by its UUID; the call refuses anything else (`invalid_tenant_id`).
    case tenant(String)
    /// The tenant that is configured at the provider as this application's default.
    case defaultTenant
    /// No tenant: for APIs that are not tenant-based.
    case noTenant
}

extension TenantChoice {
    var native: GrantlineGenerated.TenantChoice {
        switch self {
        case .tenant(let id): .tenant(id: id)
        case .defaultTenant: .defaultTenant
        case .noTenant: .noTenant
        }
    }

    init(_ native: GrantlineGenerated.TenantChoice) {
        switch native {
        case .tenant(let id): self = .tenant(id)
        case .defaultTenant: self = .defaultTenant
        case .noTenant: self = .noTenant
        }
    }
}
