import Foundation
internal import GrantlineGenerated

extension Registration {
    /// An algorithm by which a provider signs ID tokens (RFC 7518 section 3.1, RFC 8037 section 3.1).
    public enum SigningAlgorithm: String, Sendable, CaseIterable {
        case rs256 = "RS256"
        case rs384 = "RS384"
        case rs512 = "RS512"
        case ps256 = "PS256"
        case ps384 = "PS384"
        case ps512 = "PS512"
        case es256 = "ES256"
        case es384 = "ES384"
        /// With Ed25519.
        case eddsa = "EdDSA"
    }

    /// Verifies an ID token with keys that are at hand, and checks everything that it says. Logins do so by themselves, with
    /// the keys that the provider publishes.
    ///
    /// - Parameters:
    ///   - idToken: in the compact form.
    ///   - keySet: the provider's, as JSON (RFC 7517 section 5).
    ///   - expected: what the login asked for.
    ///   - now: the moment to judge at.
    /// - Throws: `id_token_...`, `key_set_malformed`, `clock_tolerance_too_long`, `client_id_missing`.
    public func checkIDToken(
        _ idToken: String, keySet: String, expecting expected: IDTokenExpectations, now: Date = Date()
    ) throws -> IDTokenClaims {
        try translatingErrors {
            IDTokenClaims(
                native: try native.checkIdToken(
                    idToken: idToken, keySet: keySet, expected: expected.native, nowMs: now.unixMilliseconds))
        }
    }
}

extension Registration.SigningAlgorithm {
    var native: GrantlineGenerated.SigningAlgorithm {
        switch self {
        case .rs256: .rs256
        case .rs384: .rs384
        case .rs512: .rs512
        case .ps256: .ps256
        case .ps384: .ps384
        case .ps512: .ps512
        case .es256: .es256
        case .es384: .es384
        case .eddsa: .edDsa
        }
    }
}
