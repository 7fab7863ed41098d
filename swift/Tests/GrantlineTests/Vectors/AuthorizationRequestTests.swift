import Foundation
import Grantline
import Testing

/// tests/vectors/authorization_requests.json: what the application asks for, and the exact URL or the refusal.
@Suite struct AuthorizationRequestTests {
    @Test(arguments: Case.all(in: "authorization_requests.json"))
    func beginsTheLogin(_ one: Case) async throws {
        let begun = try await one.expectEnd {
            try await VectorApplication(try #require(one["application"])).beginLogin(try LoginRequest(one["request"]))
        }
        guard let begun else { return }
        let expected = try #require(one["expect"])
        let record = try JSON(text: try begun.pending.toRecord())
        let url = try filled(try #require(expected["url"]?.string), from: begun.url)
        #expect(begun.url.absoluteString == url)
        #expect((begun.binding != nil) == expected["cookie"]?.bool)
        for (name, value) in expected["record"]?.object ?? [:] {
            #expect(record[name] == value, "\(name) of the record")
        }
        #expect(parameter("state", of: begun.url) == record["state"]?.string)
        #expect(begun.pending.state == record["state"]?.string)
        let challenge = record["code_verifier"]?.string.map(SHA256.base64URL)
        #expect(parameter("code_challenge", of: begun.url) == challenge)
    }

    /// Puts the values that are drawn anew for each login into the expected URL.
    private func filled(_ expected: String, from url: URL) throws -> String {
        try ["state", "nonce", "code_challenge"].reduce(expected) { text, name in
            guard text.contains("{\(name)}") else { return text }
            let value = try #require(parameter(name, of: url))
            #expect(value.wholeMatch(of: /[A-Za-z0-9_-]{43}/) != nil, "\(name)")
            return text.replacingOccurrences(of: "{\(name)}", with: value)
        }
    }

    private func parameter(_ name: String, of url: URL) -> String? {
        URLComponents(url: url, resolvingAgainstBaseURL: false)?.queryItems?.first { $0.name == name }?.value
    }
}

extension LoginRequest {
    fileprivate init(_ request: JSON?) throws {
        let request = try #require(request)
        self.init(scopes: try Scopes(request["scopes"]))
        redirectURI = request["redirect_uri"]?.string
        responseMode = try request["response_mode"].map(LoginRequest.ResponseMode.init)
        prompts = try request["prompt"]?.array?.map(LoginRequest.Prompt.init) ?? []
        loginHint = request["login_hint"]?.string
        maxAge = request["max_age"]?.int.map { .seconds($0) }
        expiresAfter = request["expires_after"]?.int.map { .seconds($0) }
        acrValues = request["acr_values"]?.string
        preferACRValues = request["prefer_acr_values"]?.string
        uiLocales = request["ui_locales"]?.string
        tenantHint = request["tenant_hint"]?.string
        resources = request["resources"]?.strings ?? []
        parameters = try request["parameters"]?.array?.map { pair in
            let pair = try #require(pair.strings)
            return (name: pair[0], value: pair[1])
        } ?? []
        sessionID = request["session"]?.string
        appData = request["app_data"]?.string
        let known: Set = [
            "scopes", "redirect_uri", "response_mode", "prompt", "login_hint", "max_age", "acr_values", "prefer_acr_values",
            "ui_locales", "tenant_hint", "resources", "parameters", "session", "app_data", "expires_after",
        ]
        let unknown = Set((request.object ?? [:]).keys).subtracting(known)
        #expect(unknown.isEmpty, "this runner does not know \(unknown)")
    }
}

extension LoginRequest.ResponseMode {
    fileprivate init(_ name: JSON) throws {
        switch name.string {
        case "query": self = .query
        case "form_post": self = .formPost
        default: throw UnknownVector(name)
        }
    }
}

extension LoginRequest.Prompt {
    fileprivate init(_ name: JSON) throws {
        switch name.string {
        case "none": self = .noInteraction
        case "login": self = .login
        case "consent": self = .consent
        case "select_account": self = .selectAccount
        default: throw UnknownVector(name)
        }
    }
}
