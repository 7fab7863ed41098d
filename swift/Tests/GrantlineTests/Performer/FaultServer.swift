import Foundation
import Grantline
import Testing

/// The server that misbehaves as the case in the path asks, and counts what reached it.
struct FaultServer: Sendable {
    private let http = PlainHttp()

    func reset() async throws {
        let answer = try await http.delete("\(Surroundings.faultServer)/reset")
        #expect(answer.status == 200)
    }

    /// `count`, `arrived` or `written` of the case that a URL's path names.
    func ask(_ question: String, _ name: some StringProtocol) async throws -> Int {
        let answer = try await http.get("\(Surroundings.faultServer)/\(question)/\(name)")
        #expect(answer.status == 200, "\(question) of \(name)")
        return try #require(Int(answer.body))
    }

    /// Where the server listens, by name.
    func origins() async throws -> [String: String] {
        let origins = try await http.get("\(Surroundings.faultServer)/origins").json()
        return try #require(origins.object).compactMapValues(\.string)
    }

    /// The case's request, addressed to the server.
    func request(of one: Case) async throws -> HttpRequest {
        var url = try #require(one["url"]?.string)
        for (name, origin) in try await origins() {
            url = url.replacingOccurrences(of: "{\(name)}", with: origin)
        }
        let common = try #require(one.file["request"])
        let isPost = one["method"]?.string != "GET"
        let headers = (isPost ? common["headers"]?.object : nil) ?? [:]
        return HttpRequest(
            method: isPost ? "POST" : "GET", url: url, headers: headers.map { HttpHeader($0, $1.string ?? "") },
            body: isPost ? common["body"]?.string.map { Data($0.utf8) } : nil,
            timeout: .milliseconds(try #require(one["timeout_ms"]?.int)))
    }
}

/// What became of a request.
typealias Outcome = Result<HttpResponse, HttpFailure>

extension JSON {
    /// Whether this outcome is the expected one.
    func allows(_ outcome: Outcome) -> Bool {
        switch outcome {
        case .failure(let failure):
            self["failure"]?.string == failure.kind.rawValue && self["sent"]?.string == failure.sent.rawValue
        case .success(let response):
            self["status"]?.int == response.status && allowsHeaders(response) && allowsBody(response.body)
        }
    }

    private func allowsHeaders(_ response: HttpResponse) -> Bool {
        (self["headers"]?.object ?? [:]).allSatisfy { name, value in
            response.headers.contains { $0.name.lowercased() == name && $0.value == value.string }
        }
    }

    private func allowsBody(_ body: Data) -> Bool {
        let text = String(decoding: body, as: UTF8.self)
        let found = try? JSON(text: text)
        return self["body"].map { $0.string == text } ?? true
            && self["body_bytes"].map { $0.int == body.count } ?? true
            && self["body_bytes_at_most"]?.int.map { body.count <= $0 } ?? true
            && (self["json"]?.object ?? [:]).allSatisfy { found?[$0.key] == $0.value }
    }
}
