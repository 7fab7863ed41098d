import Foundation

/// Sends requests for a client whose application does its own HTTP: ``Client/init(_:http:)``.
///
/// The contract: send each request exactly once (no redirect followed, nothing sent again, on no connection that may
/// be dead already), read at most ``HttpResponse/longestBody`` bytes, give up after ``HttpRequest/timeout`` in all,
/// verify the server's certificate, keep no cookies and no cache. If the task is cancelled, close the connection.
public protocol HttpPerformer: Sendable {
    /// Sends the request and returns the response, of whatever status.
    ///
    /// - Throws: what went wrong, and whether the request can have arrived nevertheless.
    func perform(_ request: HttpRequest) async throws(HttpFailure) -> HttpResponse
}

/// One request, to be sent once. Its headers and body may hold credentials, so it prints neither.
public struct HttpRequest: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// `GET` or `POST`.
    public let method: String
    /// The absolute URL. It never holds a secret.
    public let url: String
    /// Names and values, each to be sent as it is.
    public let headers: [HttpHeader]
    /// The body of a `POST`.
    public let body: Data?
    /// How long the whole exchange may take.
    public let timeout: Duration

    /// A request; for tests of performers.
    public init(method: String, url: String, headers: [HttpHeader] = [], body: Data? = nil, timeout: Duration) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }

    public var description: String { "\(method) \(url)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["method": method, "url": url]) }
}

/// One header of a request or a response. A request's may hold credentials, so the value is not printed.
public struct HttpHeader: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// Its name, in any case.
    public let name: String
    /// Its value.
    public let value: String

    /// A header.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    public var description: String { "\(name): (redacted)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}

/// One response. Its body may hold tokens, so it is not printed.
public struct HttpResponse: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The longest body that a performer reads, in bytes, counted after any decoding.
    public static let longestBody = 1024 * 1024

    /// The status code.
    public let status: Int
    /// Its headers.
    public let headers: [HttpHeader]
    /// Its body.
    public let body: Data

    /// A response, as the performer read it.
    public init(status: Int, headers: [HttpHeader], body: Data) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    public var description: String { "HTTP status \(status), \(body.count) bytes" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["status": status, "bytes": body.count]) }
}

/// A request that got no usable response.
public struct HttpFailure: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong between here and the server.
    public enum Kind: String, Sendable, CaseIterable {
        /// The host's name was not resolved.
        case dns
        /// No connection to the host or to the proxy.
        case connect
        /// The TLS handshake failed.
        case tls
        /// The time limit ended.
        case timedOut = "timed_out"
        /// The connection broke before the response was complete.
        case connectionLost = "connection_lost"
        /// The response is longer than ``HttpResponse/longestBody``.
        case bodyTooLarge = "body_too_large"
        /// What came is not HTTP.
        case notHttp = "not_http"
        /// The performer could not do it: it is closing, was cancelled, or was asked for something impossible.
        case notPerformed = "not_performed"
    }

    /// Whether the request can have reached the server. It decides what may be sent again.
    public enum Sent: String, Sendable {
        /// No connection was made.
        case certainlyNot = "certainly_not"
        /// It may have had its effect, and the answer is lost. The safe answer in doubt.
        case maybe
    }

    /// What went wrong.
    public let kind: Kind
    /// Whether the request can have arrived.
    public let sent: Sent
    /// The performer's own words, for a person; without secrets.
    public let detail: String

    /// A failure.
    public init(_ kind: Kind, sent: Sent, detail: String) {
        self.kind = kind
        self.sent = sent
        self.detail = detail
    }

    public var description: String { "\(kind.rawValue) (\(sent.rawValue)): \(detail)" }
}
