import Foundation
import Grantline

/// HTTP as tests need it to ask the servers: no redirect followed, no cookie kept.
struct PlainHttp: Sendable {
    struct Answer: Sendable {
        let status: Int
        let body: String

        func json() throws -> JSON { try JSON(text: body) }
    }

    private let performer = URLSessionPerformer()

    func get(_ url: String, _ headers: [HttpHeader] = []) async throws -> Answer {
        try await send("GET", url, headers)
    }

    func post(_ url: String, json: String) async throws -> Answer {
        try await send("POST", url, [HttpHeader("Content-Type", "application/json")], Data(json.utf8))
    }

    func delete(_ url: String) async throws -> Answer {
        try await send("DELETE", url)
    }

    private func send(
        _ method: String, _ url: String, _ headers: [HttpHeader] = [], _ body: Data? = nil
    ) async throws -> Answer {
        let response = try await performer.perform(
            HttpRequest(method: method, url: url, headers: headers, body: body, timeout: .seconds(20)))
        return Answer(status: response.status, body: String(decoding: response.body, as: UTF8.self))
    }
}
