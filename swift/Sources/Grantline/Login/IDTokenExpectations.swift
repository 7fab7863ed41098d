internal import GrantlineGenerated

/// What a login expects of its ID token, for ``Registration/checkIDToken(_:keySet:expecting:now:)``.
public struct IDTokenExpectations: Sendable, Redacted {
    let native: GrantlineGenerated.IdTokenExpectations

    private init(_ nonce: String?, _ maxAge: Duration?, _ acrValues: String?, _ accessToken: String?) {
        native = GrantlineGenerated.IdTokenExpectations(
            nonce: nonce, maxAgeS: maxAge.map { UInt64(clamping: $0.components.seconds) }, acrValues: acrValues,
            accessToken: accessToken)
    }

    /// - Parameters:
    ///   - nonce: what the authorization request sent.
    ///   - maxAge: how long ago, in whole seconds, the user may have logged in at most, as it was sent.
    ///   - acrValues: the authentication contexts of which one has to be reached, separated by spaces.
    ///   - accessToken: the access token that came with it, for its hash (`at_hash`).
    public static func nonce(
        _ nonce: String, maxAge: Duration? = nil, acrValues: String? = nil, accessToken: String? = nil
    ) -> IDTokenExpectations {
        IDTokenExpectations(nonce, maxAge, acrValues, accessToken)
    }

    /// The authorization request sent no nonce, so that nothing ties the ID token to it. One that has a nonce is refused.
    public static func expectNoNonce(
        maxAge: Duration? = nil, acrValues: String? = nil, accessToken: String? = nil
    ) -> IDTokenExpectations {
        IDTokenExpectations(nil, maxAge, acrValues, accessToken)
    }

    public var description: String { "IDTokenExpectations(redacted)" }
}
