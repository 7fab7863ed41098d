internal import GrantlineGenerated

/// What was agreed with the provider: the client id and what goes with it.
///
/// It becomes an application of one of the four types, whose initializer refuses what that type may not have.
public struct Registration: Sendable, Redacted {
    /// How a confidential client proves who it is at the token endpoint (RFC 6749 section 2.3.1).
    public enum ClientAuthentication: Sendable {
        /// `client_secret_basic`: an Authorization header.
        case basic
        /// `client_secret_post`: parameters of the form.
        case post
        /// `none`: only the client id, for public clients. (A case named `none` would be taken for `Optional.none`.)
        case noAuthentication
    }

    /// The client id.
    public let clientID: String
    let native: GrantlineGenerated.Registration

    /// A registration with a provider.
    ///
    /// - Parameters:
    ///   - clientSecret: the secret of a confidential client; `nil` for public ones.
    ///   - redirectURIs: the registered ones, byte for byte as the provider has them.
    ///   - clientAuthentication: if not as the provider's profile has it.
    public init(
        _ provider: Provider, clientID: String, clientSecret: String? = nil, redirectURIs: [String] = [],
        clientAuthentication: ClientAuthentication? = nil
    ) {
        self.clientID = clientID
        native = GrantlineGenerated.Registration(
            provider: provider.native, clientId: clientID, clientSecret: clientSecret, redirectUris: redirectURIs,
            clientAuthentication: clientAuthentication.map(\.native))
    }

    public var description: String { "Registration(clientID: \(clientID))" }
}

extension Registration.ClientAuthentication {
    var native: GrantlineGenerated.ClientAuthenticationMethod {
        switch self {
        case .basic: .clientSecretBasic
        case .post: .clientSecretPost
        case .noAuthentication: .noAuthentication
        }
    }
}
