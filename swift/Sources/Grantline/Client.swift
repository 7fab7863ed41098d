import Foundation
internal import GrantlineGenerated

/// What all applications of a process share: the store of their sessions, connections, tokens in memory, and what runs in
/// the background.
///
/// One is enough. Applications that are given none share ``shared()``, which keeps sessions in memory. Call
/// ``shutDown(limit:)`` before the process ends.
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

        /// Where sessions are kept; in memory if `nil`.
        public var store: Store?
        /// What seals them there. Any store but memory needs keys, or ``SealingKeys/dangerousPlaintext``.
        public var sealingKeys: SealingKeys?
        /// Keeps service tokens in the store as well, so that processes share them.
        public var shareServiceTokens: Bool
        /// How long making a connection may take; 5 seconds if `nil`.
        public var connectTimeout: Duration?
        /// How long one request may take in all, from 2 to 10 seconds; 10 if `nil`.
        public var httpTimeout: Duration?
        /// How requests leave.
        public var proxy: Proxy
        /// Root certificates in PEM that are trusted besides the system's.
        public var rootCertificates: Data?
        /// How many tokens are fetched at once; 64 if `nil`.
        public var concurrency: Int?
        /// How many tokens that nobody holds a handle on stay in memory; 100,000 if `nil`. Those that were not asked for
        /// the longest leave first; what is in the store stays there.
        public var tokensInMemory: Int?

        /// The usual settings, but for what is given.
        public init(
            store: Store? = nil, sealingKeys: SealingKeys? = nil, shareServiceTokens: Bool = false,
            connectTimeout: Duration? = nil, httpTimeout: Duration? = nil, proxy: Proxy = .system,
            rootCertificates: Data? = nil, concurrency: Int? = nil, tokensInMemory: Int? = nil
        ) {
            self.store = store
            self.sealingKeys = sealingKeys
            self.shareServiceTokens = shareServiceTokens
            self.connectTimeout = connectTimeout
            self.httpTimeout = httpTimeout
            self.proxy = proxy
            self.rootCertificates = rootCertificates
            self.concurrency = concurrency
            self.tokensInMemory = tokensInMemory
        }

        public var description: String { "Client.Settings" }
    }

    let native: GrantlineGenerated.Client
    let copies: TokenCopies
    private let loop: PerformerLoop?

    /// A client.
    ///
    /// - Parameter performer: sends the requests instead of grantline; all settings of connections but `httpTimeout` are
    ///   then its own business.
    /// - Throws: `invalid_client_setting`, `sealing_key_missing`.
    public init(_ settings: Settings = Settings(), http performer: (any HttpPerformer)? = nil) throws {
        let native = try translatingErrors { try settings.client(httpOutside: performer != nil) }
        self.native = native
        copies = TokenCopies(limit: settings.idleTokens)
        loop = performer.map { PerformerLoop(native, $0) }
    }

    /// The client of applications that were given none, made on first use with the usual settings.
    ///
    /// - Throws: `invalid_client_setting`, if the system offers no thread or no TLS roots.
    public static func shared() throws -> Client { try sharedClient.get() }

    private static let sharedClient = Result { try Client() }

    /// What happens from now on to the tokens and sessions of this client, whoever asks for them.
    public func events() -> Events {
        Events(native.events())
    }

    /// Ends the client: new calls are refused with `client_closed` from now on, what has been sent is waited for until it is
    /// answered and saved, and what is not over in time is given up; whoever waits for that gets the error `cancelled`.
    ///
    /// It waits although the task is cancelled. Everything that shares this client ends with it; it may be called again.
    ///
    /// - Parameter limit: after how long what is not over is given up; 10 seconds if `nil`.
    /// - Throws: `cancelled`, if something was given up.
    public func shutDown(limit: Duration? = nil) async throws {
        copies.close()
        do {
            // The generated code does not look at the task: it is neither given up nor left.
            try await native.shutDown(limitMs: limit?.wholeMilliseconds)
        } catch {
            throw GrantlineError(native: error)
        }
    }
}

extension Client.Settings {
    fileprivate var idleTokens: Int { max(tokensInMemory ?? 100_000, 0) }

    fileprivate func client(httpOutside: Bool) throws -> GrantlineGenerated.Client {
        var url: String?
        var isDirect = false
        switch proxy {
        case .system: break
        case .direct: isDirect = true
        case .url(let given): url = given
        }
        return try GrantlineGenerated.Client(
            connectTimeoutMs: connectTimeout?.wholeMilliseconds, httpTimeoutMs: httpTimeout?.wholeMilliseconds,
            proxy: url, noProxy: isDirect, rootCertificates: rootCertificates, httpOutside: httpOutside,
            store: store?.native, sealingKeys: sealingKeys?.native, shareServiceTokens: shareServiceTokens,
            concurrency: concurrency.map(UInt32.init(clamping:)),
            tokensInMemory: UInt64(idleTokens))
    }
}
