import Foundation
import Testing

@testable import Grantline

/// An API on loopback that answers as it is told, otherwise with 200, and remembers what came. One request at a time, each
/// on a connection of its own.
final class ApiServer: Sendable {
    struct Arrival: Sendable {
        let authorization: String?
        /// Of a webhook; empty if it had none.
        let signature: String
        let body: String

        /// The token that it came with.
        var token: Substring? { authorization?.dropFirst("Bearer ".count) }
    }

    private struct Log {
        var answers: [String] = []
        var arrivals: [Arrival] = []
    }

    let url: String
    private let listener: Int32
    private let log = Locked(Log())

    init() throws {
        let (listener, port) = try Self.listen()
        self.listener = listener
        url = "http://127.0.0.1:\(port)"
        // It holds the log only, so that the server goes with its holder.
        Thread.detachNewThread { [log] in
            while case let connection = accept(listener, nil, nil), connection >= 0 {
                Self.serve(FileHandle(fileDescriptor: connection, closeOnDealloc: true), log)
            }
            // Not before: another server's would get its number while this thread still asks by it.
            close(listener)
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    var arrivals: [Arrival] { log.with { $0.arrivals } }

    /// Answers the next request so.
    func answer(_ status: Int, _ headers: [String: String] = [:]) {
        let lines = headers.map { "\($0): \($1)\r\n" }.joined()
        log.with { $0.answers.append("HTTP/1.1 \(status) As told\r\n\(lines)") }
    }

    /// Refuses the next request for its token (RFC 6750 section 3.1).
    func refuseToken() {
        answer(401, ["WWW-Authenticate": #"Bearer error="invalid_token""#])
    }

    private static func serve(_ connection: FileHandle, _ log: Locked<Log>) {
        guard let (head, body) = read(connection) else { return }
        let arrival = Arrival(
            authorization: value(of: "authorization", in: head),
            signature: value(of: "x-visma-signature", in: head) ?? "", body: body)
        let answer = log.with { log in
            log.arrivals.append(arrival)
            return log.answers.isEmpty ? "HTTP/1.1 200 OK\r\n" : log.answers.removeFirst()
        }
        // A client that is gone needs none.
        try? connection.write(contentsOf: Data("\(answer)Content-Length: 0\r\nConnection: close\r\n\r\n".utf8))
    }

    /// The head and the body of a request.
    private static func read(_ connection: FileHandle) -> (head: String, body: String)? {
        var received = Data()
        func more() -> Bool {
            let data = connection.availableData
            received += data
            return !data.isEmpty
        }
        while received.range(of: Data("\r\n\r\n".utf8)) == nil { guard more() else { return nil } }
        guard let end = received.range(of: Data("\r\n\r\n".utf8))?.upperBound else { return nil }
        let head = String(decoding: received[..<end], as: UTF8.self)
        if value(of: "transfer-encoding", in: head)?.lowercased() == "chunked" {
            while received.suffix(5) != Data("0\r\n\r\n".utf8) { guard more() else { return nil } }
            return (head, unchunked(String(decoding: received[end...], as: UTF8.self)))
        }
        let length = value(of: "content-length", in: head).flatMap { Int($0) } ?? 0
        while received.count - end < length { guard more() else { return nil } }
        return (head, String(decoding: received[end...], as: UTF8.self))
    }

    private static func value(of name: String, in head: String) -> String? {
        let line = head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix("\(name): ") }
        return line.map { String($0.dropFirst(name.count + 2)) }
    }

    /// Bodies of the tests hold no line break.
    private static func unchunked(_ text: String) -> String {
        let lines = text.components(separatedBy: "\r\n")
        return stride(from: 1, to: lines.count, by: 2).map { lines[$0] }.joined()
    }

    private static func listen() throws -> (listener: Int32, port: UInt16) {
        #if canImport(Glibc)
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let listener = socket(AF_INET, SOCK_STREAM, 0)
        #endif
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(listener, address, size) == 0 && getsockname(listener, address, &size) == 0
            }
        }
        try #require(isBound && Foundation.listen(listener, 8) == 0)
        return (listener, UInt16(bigEndian: address.sin_port))
    }
}
