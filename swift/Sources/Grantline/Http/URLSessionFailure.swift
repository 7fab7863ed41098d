import Foundation
#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What `URLSession`'s errors mean.
///
/// On Linux they are libcurl's, told by few codes and by libcurl's own words: both are needed. In doubt the request may
/// have arrived.
enum URLSessionFailure {
    /// - Parameter bodyTaken: whether the connection has taken of the request's body: then it was made, whatever the code
    ///   says. (On Linux a refused `::1` before an accepted `127.0.0.1` leaves its mark on every later error.)
    static func judge(_ error: any Error, bodyTaken: Bool) -> HttpFailure {
        guard let error = error as? URLError else {
            return HttpFailure(.connectionLost, sent: .maybe, detail: error.localizedDescription)
        }
        let kind = kind(error)
        let neverSent = [.dns, .connect, .tls].contains(kind) && !bodyTaken
        return HttpFailure(kind, sent: neverSent ? .certainlyNot : .maybe, detail: error.localizedDescription)
    }

    private static func kind(_ error: URLError) -> HttpFailure.Kind {
        switch error.code {
        case .cannotFindHost, .dnsLookupFailed: .dns
        case .cannotConnectToHost: connectKind(error)
        case .notConnectedToInternet, .internationalRoamingOff, .dataNotAllowed, .callIsActive: .connect
        case .secureConnectionFailed, .serverCertificateHasBadDate, .serverCertificateUntrusted,
            .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected,
            .clientCertificateRequired, .appTransportSecurityRequiresSecureConnection:
            .tls
        case .timedOut: .timedOut
        case .cannotParseResponse, .cannotDecodeRawData, .cannotDecodeContentData: .notHttp
        default: kindByWords(error)
        }
    }

    private static func connectKind(_ error: URLError) -> HttpFailure.Kind {
        #if canImport(FoundationNetworking)
            says(error, "failed to connect", "could not connect", "couldn't connect") ? .connect : .connectionLost
        #else
            .connect
        #endif
    }

    private static func kindByWords(_ error: URLError) -> HttpFailure.Kind {
        #if canImport(FoundationNetworking)
            if says(error, "failed to connect", "couldn't connect") { return .connect }
            if says(error, "certificate", "ssl connect", "ssl_connect", "tls connect", "handshake") { return .tls }
            if says(error, "http/0.9", "larger than allowed", "writing output", "weird", "unsupported protocol") {
                return .notHttp
            }
            return .connectionLost
        #else
            return error.code == .badServerResponse ? .notHttp : .connectionLost
        #endif
    }

    private static func says(_ error: URLError, _ words: String...) -> Bool {
        let text = error.localizedDescription.lowercased()
        return words.contains { text.contains($0) }
    }
}
