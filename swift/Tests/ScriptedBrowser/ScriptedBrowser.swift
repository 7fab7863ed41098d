import Foundation
import Grantline

/// A browser that does what a user would: follows the redirects, keeps the cookies, posts the forms of the login and
/// consent pages. `URLSessionPerformer` suits it, since it does none of this by itself.
public struct ScriptedBrowser: Sendable {
    /// What the user does at the provider.
    public enum User: Sendable {
        /// Logs in and gives access.
        case accepts
        /// Logs in and refuses access.
        case refuses
    }

    /// Where the browser left the provider.
    public enum Landing: Sendable {
        /// At this URL.
        case url(String)
        /// With a form that it posts there.
        case form(action: String, body: String)
    }

    /// The provider showed a page without a form, or went on for ever.
    public struct LoginStopped: Error {
        public let status: Int
        public let page: String
    }

    private let http = URLSessionPerformer()

    public init() {}

    /// Opens the authorization URL and goes on until the provider is left.
    public func logIn(at url: URL, as user: User = .accepts) async throws -> Landing {
        var cookies = Cookies()
        var response = try await get(url, cookies)
        for _ in 0..<12 {
            cookies.keep(value(of: "set-cookie", in: response))
            let page = String(decoding: response.body, as: UTF8.self)
            if let location = value(of: "location", in: response) {
                guard let next = resolve(location, at: url) else { return .url(location) }
                response = try await get(next, cookies)
            } else if let form = Form(page) {
                guard let action = resolve(form.action, at: url) else {
                    return .form(action: form.action, body: formEncoded(form.fields))
                }
                response = try await post(action, form.filled(by: user), cookies)
            } else {
                throw LoginStopped(status: response.status, page: page)
            }
        }
        throw LoginStopped(status: response.status, page: "")
    }

    /// A page of the provider's; `nil` where the browser leaves it.
    private func resolve(_ reference: String, at provider: URL) -> URL? {
        guard let url = URL(string: reference, relativeTo: provider) else { return nil }
        return url.host == provider.host && url.port == provider.port ? url : nil
    }

    private func get(_ url: URL, _ cookies: Cookies) async throws -> HttpResponse {
        try await http.perform(
            HttpRequest(method: "GET", url: url.absoluteString, headers: [cookies.header], timeout: .seconds(10)))
    }

    private func post(_ url: URL, _ fields: [(String, String)], _ cookies: Cookies) async throws -> HttpResponse {
        let type = HttpHeader("Content-Type", "application/x-www-form-urlencoded")
        return try await http.perform(
            HttpRequest(
                method: "POST", url: url.absoluteString, headers: [cookies.header, type],
                body: Data(formEncoded(fields).utf8), timeout: .seconds(10)))
    }

    private func value(of name: String, in response: HttpResponse) -> String? {
        response.headers.first { $0.name.lowercased() == name }?.value
    }
}

/// The provider's cookies. It sets one with a response at most.
private struct Cookies {
    private var values: [String: String] = [:]

    var header: HttpHeader { HttpHeader("Cookie", values.map { "\($0)=\($1)" }.joined(separator: "; ")) }

    mutating func keep(_ setCookie: String?) {
        let pair = setCookie?.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1) ?? []
        if pair.count == 2 { values[String(pair[0])] = String(pair[1]) }
    }
}
