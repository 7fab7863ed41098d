internal import GrantlineGenerated

/// What gives tokens in the native library: a service token's source, or a session.
protocol NativeTokenSource: Sendable {
    func freshToken(cancellation: Cancellation?) async throws -> GrantlineGenerated.AccessToken
    func refresh(cancellation: Cancellation?) async throws -> GrantlineGenerated.AccessToken
}

extension GrantlineGenerated.TokenSource: NativeTokenSource {}
extension GrantlineGenerated.Session: NativeTokenSource {}

/// A handle on one token, of a service or of a session.
public final class TokenSource: Sendable {
    private let native: any NativeTokenSource
    private let copy: FreshCopy
    /// Kept alive: it performs the requests.
    private let client: Client

    init(_ native: any NativeTokenSource, _ client: Client) {
        self.native = native
        self.client = client
        copy = FreshCopy(client.changes)
    }

    /// A token that is good now. Near its end the next one is fetched in the background while this one is still handed
    /// out; callers wait only when there is none, and all who wait share one request.
    ///
    /// - Throws: ``GrantlineError``; `CancellationError` if the task was cancelled while it waited.
    public func freshToken() async throws -> AccessToken {
        if let token = copy.token { return token }
        let change = copy.change
        let token = try await cancellable { [native] in try await native.freshToken(cancellation: $0) }
        return keep(token, askedAt: change)
    }

    /// A token later than the one in hand, although that is still fresh: after an API refused it.
    ///
    /// - Throws: as ``freshToken()``.
    public func refresh() async throws -> AccessToken {
        copy.refuse()
        defer { copy.raise() }
        let token = try await cancellable { [native] in try await native.refresh(cancellation: $0) }
        return AccessToken(token)
    }

    private func keep(_ native: GrantlineGenerated.AccessToken, askedAt change: UInt64) -> AccessToken {
        let token = AccessToken(native)
        copy.keep(token, freshFor: native.freshForMs().map(Duration.init(milliseconds:)), askedAt: change)
        return token
    }
}
