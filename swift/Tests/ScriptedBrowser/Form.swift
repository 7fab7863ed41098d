import Foundation

/// The form of a page.
struct Form {
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

/// `application/x-www-form-urlencoded`.
public func formEncoded(_ pairs: [(String, String)]) -> String {
    pairs.map { "\(formEncoded($0))=\(formEncoded($1))" }.joined(separator: "&")
}

/// One name or value of it.
public func formEncoded(_ text: String) -> String {
    let ascii = CharacterSet(charactersIn: " "..."~")
    let unreserved = CharacterSet.alphanumerics.intersection(ascii).union(CharacterSet(charactersIn: "-._~"))
    return text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
}
