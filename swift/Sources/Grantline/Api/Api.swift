internal import GrantlineGenerated

/// An API, and the grant whose tokens its requests go out with: ``ApiClient`` sends them by `URLSession`,
/// ``send(to:hasAuthorization:repeatable:by:)`` by any other HTTP client.
///
/// A request to one of the API's origins gets a token that is good now. If the API answers 401 with `invalid_token` all the
/// same, the token is replaced and the request sent once more, where its body can be. What comes back then is passed on,
/// with advice where it is still a refusal. A request to any other origin goes without a token.
public final class Api: Sendable, Redacted {
    private let source: TokenSource
    private let access: ApiAccess

    init(_ source: TokenSource, origins: [String]) throws {
        self.source = source
        access = try translatingErrors { try ApiAccess(origins: origins) }
    }

    /// Sends a request by the application's own HTTP client, which must not take the token along a redirect to another
    /// origin.
    ///
    /// - Parameters:
    ///   - url: the absolute URL that the request goes to.
    ///   - hasAuthorization: whether it has an Authorization header already.
    ///   - repeatable: whether its body can be sent a second time.
    ///   - send: sends it once, with that token in an `Authorization: Bearer` header, or without a token. It answers with
    ///     the response, its status, and the values of its `WWW-Authenticate` headers.
    /// - Throws: `authorization_present`; whatever keeps the token from being got, as of ``Session/freshToken()``; what
    ///   `send` throws.
    public func send<Response: Sendable>(
        to url: String, hasAuthorization: Bool = false, repeatable: Bool = true,
        by send: @Sendable (AccessToken?) async throws -> (response: Response, status: Int, challenges: [String])
    ) async throws -> ApiResponse<Response> {
        guard try translatingErrors({ try access.admits(url: url, hasAuthorization: hasAuthorization) }) else {
            return ApiResponse(response: try await send(nil).response, refusal: nil)
        }
        for isRetry in [false, true] {
            let token = try await source.freshToken()
            let (response, status, challenges) = try await send(token)
            let verdict = access.judge(
                status: UInt16(clamping: status), challenges: challenges, token: token.native, isRetry: isRetry,
                repeatable: repeatable && !isRetry)
            switch verdict {
            case .accepted:
                return ApiResponse(response: response, refusal: nil)
            case .passOn(let refusal):
                return ApiResponse(response: response, refusal: ApiRefusal(refusal))
            case .invalidateAndPassOn(let refusal):
                source.invalidate(token)
                return ApiResponse(response: response, refusal: ApiRefusal(refusal))
            case .refreshAndRetry:
                source.invalidate(token)
            }
        }
        throw GrantlineError(broken: "a request was to be sent a third time")
    }

    public var description: String { "Api" }
}

/// An API's answer.
public struct ApiResponse<Response: Sendable>: Sendable {
    /// The response, of whatever status.
    public let response: Response
    /// What it means, if it refuses the token.
    public let refusal: ApiRefusal?
}

/// An API refused a request that had a token.
public struct ApiRefusal: Sendable, Equatable, CustomStringConvertible {
    /// The stable name of the reason: `api_token_invalid`, `api_token_invalid_though_new`, `api_insufficient_scope`,
    /// `api_token_not_seen`, `api_unexplained`.
    public let code: String
    /// What to do about it.
    public let advice: GrantlineError.Advice
    /// The response's status.
    public let status: Int
    /// The scopes that the API wants, where it says so. The server's word: show it, and ask for it only if it is among those
    /// that the application knows.
    public let scopes: [String]?
    /// What it means and what to change, for a person.
    public let message: String

    public var description: String { "\(message) [\(code)]" }
}

extension ApiRefusal {
    fileprivate init(_ native: GrantlineGenerated.ApiRefusal) {
        self.init(
            code: native.code, advice: GrantlineError.Advice(rawValue: native.advice) ?? .reportBug,
            status: Int(native.status), scopes: native.scopes, message: native.text)
    }
}
