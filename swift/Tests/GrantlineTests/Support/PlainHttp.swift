import Foundation
#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// HTTP as tests need it: no redirect followed, no cookie kept.
struct PlainHttp: Sendable {
    struct Answer: Sendable {
        let status: Int
        let headers: [String: String]
        let body: String

        func json() throws -> JSON { try JSON(text: body) }
    }

    private let session: URLSession

    init() {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        configuration.httpCookieAcceptPolicy = .never
        session = URLSession(configuration: configuration, delegate: NoRedirects(), delegateQueue: nil)
    }

    func get(_ url: String, headers: [String: String] = [:]) async throws -> Answer {
        try await send("GET", url, headers, nil)
    }

    func post(_ url: String, form: [(String, String)], headers: [String: String] = [:]) async throws -> Answer {
        let type = ["Content-Type": "application/x-www-form-urlencoded"]
        return try await send("POST", url, headers.merging(type) { $1 }, formEncoded(form))
    }

    func post(_ url: String, json: String) async throws -> Answer {
        try await send("POST", url, ["Content-Type": "application/json"], json)
    }

    func delete(_ url: String) async throws -> Answer {
        try await send("DELETE", url, [:], nil)
    }

    private func send(
        _ method: String, _ url: String, _ headers: [String: String], _ body: String?
    ) async throws -> Answer {
        guard let url = URL(string: url) else { throw URLError(.badURL) }
        var request = URLRequest(url: url)
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        headers.forEach { request.setValue($1, forHTTPHeaderField: $0) }
        let (data, response) = try await session.data(for: request)
        guard let response = response as? HTTPURLResponse else { throw URLError(.badServerResponse) }
        var fields: [String: String] = [:]
        for (name, value) in response.allHeaderFields {
            fields["\(name)".lowercased()] = "\(value)"
        }
        return Answer(status: response.statusCode, headers: fields, body: String(decoding: data, as: UTF8.self))
    }
}

/// `application/x-www-form-urlencoded`.
func formEncoded(_ pairs: [(String, String)]) -> String {
    pairs.map { "\(formEncoded($0))=\(formEncoded($1))" }.joined(separator: "&")
}

func formEncoded(_ text: String) -> String {
    let unreserved = CharacterSet(charactersIn: "-._~").union(.alphanumerics).intersection(CharacterSet(charactersIn: " "..."~"))
    return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
}

private final class NoRedirects: NSObject, URLSessionTaskDelegate {
    func urlSession(
        _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
