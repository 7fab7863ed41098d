import Foundation
import Testing

/// A browser that does what a user would: follows the redirects, keeps the cookies, posts the forms of the login and
/// consent pages.
struct ScriptedBrowser: Sendable {
    /// What the user does at the provider.
    enum User: Sendable {
        case accepts
        case refuses
    }

    /// Where the browser left the provider.
    enum Landing: Sendable {
        /// At this URL.
        case url(String)
        /// With a form that it posts there.
        case form(action: String, body: String)
    }

    private let http = PlainHttp()

    /// Opens the authorization URL and goes on until the provider is left.
    func logIn(at url: URL, as user: User = .accepts) async throws -> Landing {
        let provider = origin(url)
        var cookies = Cookies()
        var answer = try await http.get(url.absoluteString)
        for _ in 0..<12 {
            cookies.keep(answer.headers["set-cookie"])
            if let location = answer.headers["location"] {
                let next = try #require(URL(string: location, relativeTo: url)).absoluteString
                guard next.hasPrefix(provider + "/") else { return .url(location) }
                answer = try await http.get(next, headers: cookies.header)
                continue
            }
            let form = try #require(Form(answer.body), "a page of the provider's: \(answer.body)")
            let action = try #require(URL(string: form.action, relativeTo: url)).absoluteString
            guard action.hasPrefix(provider + "/") else {
                return .form(action: form.action, body: formEncoded(form.fields))
            }
            answer = try await http.post(action, form: form.filled(by: user), headers: cookies.header)
        }
        throw TooManyPages()
    }

    private func origin(_ url: URL) -> String {
        "\(url.scheme ?? "")://\(url.host ?? ""):\(url.port ?? 0)"
    }

    private struct TooManyPages: Error {}
}

/// The provider's cookies. It sets one with a response at most.
private struct Cookies {
    private var values: [String: String] = [:]

    var header: [String: String] {
        ["Cookie": values.map { "\($0)=\($1)" }.joined(separator: "; ")]
    }

    mutating func keep(_ setCookie: String?) {
        let pair = setCookie?.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1) ?? []
        if pair.count == 2 { values[String(pair[0])] = String(pair[1]) }
    }
}

/// The form of a page.
private struct Form {
    let action: String
    let fields: [(String, String)]

    init?(_ page: String) {
        let tags = page.split(separator: "<").map { String($0.prefix { $0 != ">" }) }
        guard let action = tags.first(where: { $0.hasPrefix("form ") }).flatMap({ attribute("action", of: $0) }) else {
            return nil
        }
        self.action = action
        fields = tags.filter { $0.hasPrefix("input ") }.compactMap { tag in
            attribute("name", of: tag).map { ($0, attribute("value", of: tag) ?? "") }
        }
    }

    /// The fields as the user sends them.
    func filled(by user: ScriptedBrowser.User) -> [(String, String)] {
        let isLogin = fields.contains { $0.0 == "password" }
        let typed = ["username": "anna@example.com", "password": "correct horse"]
        let button = isLogin ? "login" : user == .accepts ? "accept" : "cancel"
        return fields.map { ($0, typed[$0] ?? $1) } + [("action", button)]
    }
}

private func attribute(_ name: String, of tag: String) -> String? {
    guard let start = tag.range(of: " \(name)=\"") else { return nil }
    let value = tag[start.upperBound...].prefix { $0 != "\"" }
    let entities = ["&#60;": "<", "&#62;": ">", "&#34;": "\"", "&#39;": "'", "&#38;": "&", "&amp;": "&"]
    return entities.reduce(String(value)) { $0.replacingOccurrences(of: $1.key, with: $1.value) }
}
