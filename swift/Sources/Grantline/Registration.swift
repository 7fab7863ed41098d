internal import GrantlineGenerated

/// What was agreed with the provider: the client id and what goes with it.
///
/// It becomes an application of one of the four types, whose initializer refuses what that type may not have.
public struct Registration: Sendable, Redacted {
    /// How a confidential client proves who it is at the token endpoint (RFC 6749 section 2.3.1).
    public enum ClientAuthentication: Sendable {
        /// `client_secret_basic`: an Authorization header.
        case basic
        /// The same without form encoding (RFC 6749 section 2.3.1), for servers that do not undo it.
        case basicUnencoded
        /// `client_secret_post`: parameters of the form.
        case post
        /// `none`: only the client id, for public clients. (A case named `none` would be taken for `Optional.none`.)
        case noAuthentication
    }

    /// The client id.
    public let clientID: String
    let issuer: String
    let native: GrantlineGenerated.Registration

    /// A registration with a provider.
    ///
    /// - Parameters:
    ///   - clientSecret: the secret of a confidential client; `nil` for public ones.
    ///   - redirectURIs: the registered ones, byte for byte as the provider has them.
    ///   - clientAuthentication: if not as the provider's profile or its metadata have it.
    ///   - refreshGrace: for how long after its use the server takes a single-use refresh token again, as it is set there
    ///     for this client. The time limits of a refresh are then chosen so that a host that takes over from one that is
    ///     gone comes within it.
    ///   - askForLoginAfterLostAnswer: never sends a refresh token again whose answer was lost, and ends the session
    ///     instead: for servers that punish a repeated refresh token beyond the grant.
    ///   - idTokenAlgorithm: by which the provider signs ID tokens for this client (`id_token_signed_response_alg`), RS256
    ///     unless given. One that a token names itself is not followed.
    ///   - trustedAudiences: further parties that ID tokens of this client may be for.
    ///   - clockTolerance: by how much this machine's clock and the provider's may differ where an ID token says from when
    ///     to when it is good: a minute unless given, 5 minutes at most.
    public init(
        _ provider: Provider, clientID: String, clientSecret: String? = nil, redirectURIs: [String] = [],
        clientAuthentication: ClientAuthentication? = nil, refreshGrace: Duration? = nil,
        askForLoginAfterLostAnswer: Bool = false, idTokenAlgorithm: SigningAlgorithm? = nil,
        trustedAudiences: [String] = [], clockTolerance: Duration? = nil
    ) {
        self.clientID = clientID
        issuer = provider.issuer
        native = GrantlineGenerated.Registration(
            provider: provider.native, clientId: clientID, clientSecret: clientSecret, redirectUris: redirectURIs,
            clientAuthentication: clientAuthentication.map(\.native),
            refreshGraceMs: refreshGrace?.wholeMilliseconds, askForLoginAfterLostAnswer: askForLoginAfterLostAnswer
        ).withIdTokens(
            algorithm: idTokenAlgorithm?.native, trustedAudiences: trustedAudiences,
            clockToleranceMs: clockTolerance?.wholeMilliseconds)
    }

    public var description: String { "Registration(clientID: \(clientID))" }
}

extension Registration.ClientAuthentication {
    var native: GrantlineGenerated.ClientAuthenticationMethod {
        switch self {
        case .basic: .clientSecretBasic
        case .basicUnencoded: .clientSecretBasicUnencoded
        case .post: .clientSecretPost
        case .noAuthentication: .noAuthentication
        }
    }
}
