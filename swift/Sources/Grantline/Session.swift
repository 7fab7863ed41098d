internal import GrantlineGenerated

/// A handle on a user's session.
public final class Session: Sendable {
    /// Its name: keep it, for instance in the user's cookie session, to find the session again.
    public let id: String
    private let source: TokenSource

    init(_ native: GrantlineGenerated.Session, _ client: Client) {
        id = native.id()
        source = TokenSource(native, client)
    }

    /// An access token that is good now. It is refreshed when it has to be, by one request for all who ask; the new
    /// refresh token is saved before anybody sees the access token.
    ///
    /// - Throws: `session_unknown`, `session_ended`, `no_refresh_token`, all with the advice to log in again; whatever
    ///   keeps the server from answering, which loses nothing; `CancellationError` if the task was cancelled while it
    ///   waited, which a refresh outlives.
    public func freshToken() async throws -> AccessToken {
        try await source.freshToken()
    }

    /// A new access token, although the one in hand is still fresh: after an API refused it.
    ///
    /// - Throws: as ``freshToken()``.
    public func refresh() async throws -> AccessToken {
        try await source.refresh()
    }
}
