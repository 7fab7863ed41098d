import Foundation
internal import GrantlineGenerated

/// What all applications of a process share: connections, tokens in memory, and the engine behind them.
///
/// One is enough. Applications that are given none share ``shared()``.
public final class Client: Sendable {
    /// Settings of a client; what is left out has its usual value.
    public struct Settings: Sendable, Redacted {
        /// How requests leave.
        public enum Proxy: Sendable {
            /// As the system's settings (`HTTPS_PROXY`, `NO_PROXY` and the like) say.
            case system
            /// Directly, whatever the system's settings say.
            case direct
            /// Through `http://[user:password@]host:port`, but for loopback.
            case url(String)
        }

        /// How long making a connection may take; 5 seconds if `nil`.
        public var connectTimeout: Duration?
        /// How long one request may take in all, from 2 to 10 seconds; 10 if `nil`.
        public var httpTimeout: Duration?
        /// How requests leave.
        public var proxy: Proxy
        /// Root certificates in PEM that are trusted besides the system's.
        public var rootCertificates: Data?

        /// The usual settings, but for what is given.
        public init(
            connectTimeout: Duration? = nil, httpTimeout: Duration? = nil, proxy: Proxy = .system,
            rootCertificates: Data? = nil
        ) {
            self.connectTimeout = connectTimeout
            self.httpTimeout = httpTimeout
            self.proxy = proxy
            self.rootCertificates = rootCertificates
        }

        public var description: String { "Client.Settings" }
    }

    let native: GrantlineGenerated.Client
    /// Raised by everything after which a token in hand may be superseded: copies from before are not used.
    let changes = Locked<UInt64>(0)
    private let loop: PerformerLoop?

    /// A client that sends its requests itself.
    ///
    /// - Throws: `invalid_client_setting`.
    public init(_ settings: Settings = Settings()) throws {
        native = try translatingErrors { try settings.client() }
        loop = nil
    }

    /// A client whose requests `performer` sends.
    ///
    /// - Parameter httpTimeout: how long one request may take in all, from 2 to 10 seconds; 10 if `nil`.
    /// - Throws: `invalid_client_setting`.
    public init(http performer: any HttpPerformer, httpTimeout: Duration? = nil) throws {
        let native = try translatingErrors {
            try GrantlineGenerated.Client(httpTimeoutMs: httpTimeout?.wholeMilliseconds, httpOutside: true)
        }
        self.native = native
        loop = PerformerLoop(native, performer)
    }

    /// The client of applications that were given none, made on first use with the usual settings.
    ///
    /// - Throws: `invalid_client_setting`, if the system offers no thread or no TLS roots.
    public static func shared() throws -> Client { try sharedClient.get() }

    private static let sharedClient = Result { try Client() }

    /// Ends the loop around a performer of the application's own, once what was sent is answered. Without such a
    /// performer it does nothing. A client that nobody holds any more does the same by itself.
    public func shutDown() async {
        await loop?.shutDown()
    }
}

extension Client.Settings {
    fileprivate func client() throws -> GrantlineGenerated.Client {
        var url: String?
        var isDirect = false
        switch proxy {
        case .system: break
        case .direct: isDirect = true
        case .url(let given): url = given
        }
        return try GrantlineGenerated.Client(
            connectTimeoutMs: connectTimeout?.wholeMilliseconds, httpTimeoutMs: httpTimeout?.wholeMilliseconds,
            proxy: url, noProxy: isDirect, rootCertificates: rootCertificates)
    }
}
