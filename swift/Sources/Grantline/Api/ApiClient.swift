import Foundation
#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Sends API requests with a token, by `URLSession`.
///
/// ```swift
/// let invoices = ApiClient(try session.api(origins: ["https://api.example"]))
/// let answer = try await invoices.send(URLRequest(url: URL(string: "https://api.example/v1/invoices")!))
/// if let refusal = answer.refusal { log.warning("\(refusal)") }
/// ```
///
/// Redirects are not followed: a response that is one comes back as it is. Cookies, caches and stored credentials are left
/// out, and each request has a connection of its own, for the reasons of ``URLSessionPerformer``; the advice about Linux
/// there holds here too.
public struct ApiClient: Sendable {
    private let api: Api

    /// A client for that API.
    public init(_ api: Api) {
        self.api = api
    }

    /// Sends a request, with a token if it goes to one of the API's origins.
    ///
    /// - Parameter repeatable: whether the body can be sent a second time; if `nil`, one that is no stream can.
    /// - Throws: `authorization_present`, if the request has an Authorization header already; whatever keeps the token from
    ///   being got, as of ``Session/freshToken()``; ``HttpFailure``; `CancellationError`.
    public func send(_ request: URLRequest, repeatable: Bool? = nil) async throws -> ApiResponse<HttpResponse> {
        guard let url = request.url, ["https", "http"].contains(url.scheme), url.host != nil else {
            throw HttpFailure(.notPerformed, sent: .certainlyNot, detail: "URLSession cannot use this URL")
        }
        return try await api.send(
            to: url.absoluteString, hasAuthorization: request.value(forHTTPHeaderField: "Authorization") != nil,
            repeatable: repeatable ?? (request.httpBodyStream == nil)
        ) { token in
            let response = try await exchange(request, token)
            let challenges = response.headers.filter { $0.name.lowercased() == "www-authenticate" }.map(\.value)
            return (response, response.status, challenges)
        }
    }

    private func exchange(_ request: URLRequest, _ token: AccessToken?) async throws -> HttpResponse {
        var request = request
        if let token { request.setValue("Bearer \(token.exposeSecret())", forHTTPHeaderField: "Authorization") }
        let outcome = await URLSessionExchange(request, longestBody: .max).run()
        try Task.checkCancellation()
        return try outcome.get()
    }
}
