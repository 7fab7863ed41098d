internal import GrantlineGenerated

/// A handle on a user's session.
public final class Session: Sendable {
    /// Its name: keep it, for instance in the user's cookie session, to find the session again.
    public let id: String
    private let native: GrantlineGenerated.Session
    private let source: TokenSource
    private let copy: TokenCopy

    init(_ native: GrantlineGenerated.Session, _ copy: TokenCopy, _ client: Client) {
        id = native.id()
        self.native = native
        self.copy = copy
        source = TokenSource(native, copy, client)
    }

    /// An access token that is good now. It is refreshed when it has to be, by one request for all who ask; the new
    /// refresh token is saved before anybody sees the access token. While the token is fresh this calls nothing native.
    ///
    /// - Throws: `session_unknown`, `session_ended`, `no_refresh_token`, all with the advice to log in again. Whoever asks
    ///   first after the server has ended the session gets its own word, `invalid_grant` (at Visma Connect also
    ///   `invalid_scope`), or `refresh_outcome_unknown` where the answer to an earlier refresh was lost, with the same
    ///   advice. Whatever else keeps the server or the store from answering, which loses nothing; `CancellationError` if
    ///   the task was cancelled while it waited, which a refresh outlives.
    public func freshToken() async throws -> AccessToken {
        try await source.freshToken()
    }

    /// A new access token, although the one in hand is still fresh.
    ///
    /// - Throws: as ``freshToken()``.
    public func refresh() async throws -> AccessToken {
        try await source.refresh()
    }

    /// An API refused this token although it is not past its time: it is not handed out again, by any handle on this
    /// session, and whoever asks next gets a later one. If there is a later one already, nothing happens.
    public func invalidate(_ token: AccessToken) {
        source.invalidate(token)
    }

    /// Ends the session: in the store, so that nobody refreshes it any more, and at the server, where that takes the
    /// refresh token back (RFC 7009). It is over whatever the server says; a later login may use its name again.
    ///
    /// This client hands out its access token no more. Another process that has it in memory does so until it would fetch
    /// the next one, shortly before the token's end: an API that has to know sooner asks the server.
    ///
    /// - Throws: a fault of the store, if that did not take note: then it is not over. `CancellationError` if the task was
    ///   cancelled while it waited, which the ending outlives.
    @discardableResult
    public func end() async throws -> Revocation {
        try await outlivingItsCaller { [native, copy] in
            try await copy.whileEnding { Revocation(try await native.end(cancellation: nil)) }
        }
    }

    /// Who logged in, by the session's valid ID token; `nil`, if its login did not ask for `openid`. Read from the store.
    ///
    /// - Throws: `session_unknown`, `session_ended`; whatever keeps the store from answering.
    public func identity() async throws -> IDTokenClaims? {
        try await cancellable { [native] in try await native.identity(cancellation: $0) }.map(IDTokenClaims.init)
    }

    /// What the provider says of the user (OpenID Connect Core section 5.3): with a token of this session, which is replaced
    /// once if the provider refuses it. An answer about anybody but the user who logged in is refused.
    ///
    /// - Throws: as ``identity()`` and ``freshToken()``; `user_info_subject_mismatch`; `endpoint_missing`; the provider's
    ///   refusal, such as `insufficient_scope`.
    public func userInfo() async throws -> UserInfo {
        UserInfo(native: try await cancellable { [native] in try await native.userInfo(cancellation: $0) })
    }

    /// Ends the session here, as ``end()``, and makes the URL that ends the user's session at the provider (OpenID Connect
    /// RP-Initiated Logout): send the browser there. The session ends first: where the provider's metadata cannot be had, there
    /// is no URL, and ``LogoutRedirect/failure`` says why.
    ///
    /// - Parameters:
    ///   - postLogoutRedirectURI: where the browser comes back to, as it is registered; Visma Connect follows it only if the
    ///     login asked for `openid`.
    ///   - uiLocales: the languages of the provider's page by preference, separated by spaces.
    /// - Throws: a fault of the store, if that did not take note: then it is not over. `CancellationError` if the task was
    ///   cancelled while it waited, which the ending outlives.
    public func beginLogout(
        postLogoutRedirectURI: String? = nil, uiLocales: String? = nil
    ) async throws -> BegunLogout {
        try await outlivingItsCaller { [native, copy] in
            try await copy.whileEnding {
                BegunLogout(
                    try await native.beginLogout(
                        postLogoutRedirectUri: postLogoutRedirectURI, uiLocales: uiLocales, cancellation: nil))
            }
        }
    }

    /// An API at these origins, whose requests go out with this session's tokens. Keep it: it remembers whether replacing a
    /// refused token was of use.
    ///
    /// - Parameter origins: each a scheme, a host and perhaps a port: `https://api.example`.
    /// - Throws: `invalid_api_origin`, `insecure_api_origin`.
    public func api(origins: [String]) throws -> Api {
        try source.api(origins: origins)
    }
}

/// Whether the server was told that a session is over.
public enum Revocation: Sendable, Equatable {
    /// The server revoked the refresh token.
    case done
    /// There was no session, or none with a refresh token.
    case nothingToRevoke
    /// The provider has no revocation: the refresh token is forgotten here, and stays good there until it expires.
    case notOffered
    /// The server could not be told, which leaves it as ``notOffered`` does.
    case failed(GrantlineError)
}

extension Revocation {
    init(_ native: GrantlineGenerated.Revocation) {
        switch native {
        case .done: self = .done
        case .nothingToRevoke: self = .nothingToRevoke
        case .notOffered: self = .notOffered
        case .failed(let error): self = .failed(GrantlineError(native: error))
        }
    }
}
