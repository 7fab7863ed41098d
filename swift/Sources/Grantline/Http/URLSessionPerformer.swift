import Foundation
#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// Performs requests with `URLSession`, and so by the platform's rules for proxies and certificates.
///
/// It is meant for Apple's systems. On Linux prefer a client that sends by itself: FoundationNetworking of
/// Swift 6.0 ends the process when a server closes the connection in mid-header or sends a challenge that is a scheme
/// only (`WWW-Authenticate: Basic`), and cannot be stopped from here. The tests show both.
///
/// Every request has a session of its own: on a connection that was used before, both `URLSession`s (Apple's, and
/// libcurl below the one of Linux) silently send a request again when the server closed the connection meanwhile.
public struct URLSessionPerformer: HttpPerformer {
    /// A performer. It holds nothing between requests.
    public init() {}

    public func perform(_ request: HttpRequest) async throws(HttpFailure) -> HttpResponse {
        guard request.timeout > .zero else {
            throw HttpFailure(.notPerformed, sent: .certainlyNot, detail: "the time limit has ended before the request")
        }
        let exchange = URLSessionExchange(try urlRequest(request), longestBody: HttpResponse.longestBody)
        let timer = Task {
            try await Task.sleep(for: request.timeout)
            exchange.giveUp(.timedOut, "no complete answer within \(request.timeout)")
        }
        defer { timer.cancel() }
        return try await exchange.run().get()
    }

    private func urlRequest(_ request: HttpRequest) throws(HttpFailure) -> URLRequest {
        guard let url = URL(string: request.url), ["https", "http"].contains(url.scheme), url.host != nil else {
            throw HttpFailure(.notPerformed, sent: .certainlyNot, detail: "URLSession cannot use this URL")
        }
        var urlRequest = URLRequest(url: url, cachePolicy: .reloadIgnoringLocalAndRemoteCacheData)
        urlRequest.httpMethod = request.method
        urlRequest.httpBody = request.body
        urlRequest.httpShouldHandleCookies = false
        // This one counts from the last byte, and on Linux in whole seconds: the exchange has a limit of its own.
        urlRequest.timeoutInterval = TimeInterval(request.timeout.components.seconds + 60)
        for header in request.headers {
            urlRequest.addValue(header.value, forHTTPHeaderField: header.name)
        }
        if urlRequest.value(forHTTPHeaderField: "Accept-Encoding") == nil {
            urlRequest.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        }
        return urlRequest
    }
}
