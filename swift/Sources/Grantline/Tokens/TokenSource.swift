internal import GrantlineGenerated

/// What gives tokens in the native library: a service token's source, or a session.
protocol NativeTokenSource: Sendable {
    func freshToken(cancellation: Cancellation?) async throws -> GrantlineGenerated.AccessToken
    func refresh(cancellation: Cancellation?) async throws -> GrantlineGenerated.AccessToken
    func invalidate(refused: GrantlineGenerated.AccessToken)
}

extension GrantlineGenerated.TokenSource: NativeTokenSource {}
extension GrantlineGenerated.Session: NativeTokenSource {}

/// A handle on one token, of a service or of a session.
public final class TokenSource: Sendable {
    private let native: any NativeTokenSource
    private let copy: TokenCopy
    /// Kept alive: it performs the requests.
    private let client: Client

    /// - Parameter copy: what all handles on the grant share.
    init(_ native: any NativeTokenSource, _ copy: TokenCopy, _ client: Client) {
        self.native = native
        self.copy = copy
        self.client = client
    }

    /// A token that is good now. Near its end the next one is fetched in the background while this one is still handed
    /// out; callers wait only when there is none, and all who wait share one request. While the token is fresh this calls
    /// nothing native.
    ///
    /// - Throws: ``GrantlineError``; `CancellationError` if the task was cancelled while it waited.
    public func freshToken() async throws -> AccessToken {
        if let token = copy.token() { return token }
        let epoch = copy.epoch
        let token = AccessToken(try await cancellable { [native] in try await native.freshToken(cancellation: $0) })
        keep(token, askedAt: epoch)
        return token
    }

    /// A token later than the one in hand, although that is still fresh.
    ///
    /// - Throws: as ``freshToken()``.
    public func refresh() async throws -> AccessToken {
        try await outlivingItsCaller { [self] in
            // Whether or not somebody still waits for the new token, the old one is not to be kept beyond it.
            defer { copy.void() }
            return AccessToken(try await native.refresh(cancellation: nil))
        }
    }

    /// An API refused this token although it is not past its time: it is not handed out again, by any handle on its grant,
    /// and whoever asks next gets a later one. If there is a later one already, nothing happens.
    public func invalidate(_ token: AccessToken) {
        native.invalidate(refused: token.native)
        // Afterwards: whoever asked the native library before may have been given the refused one.
        copy.void()
    }

    /// An API at these origins, whose requests go out with these tokens. Keep it: it remembers whether replacing a refused
    /// token was of use.
    ///
    /// - Parameter origins: each a scheme, a host and perhaps a port: `https://api.example`.
    /// - Throws: `invalid_api_origin`, `insecure_api_origin`.
    public func api(origins: [String]) throws -> Api {
        try Api(self, origins: origins)
    }

    private func keep(_ token: AccessToken, askedAt epoch: UInt64) {
        copy.keep(token, freshFor: token.native.freshForMs().map(Duration.init(milliseconds:)), askedAt: epoch)
    }
}
