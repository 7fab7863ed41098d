import Foundation
import Grantline
import Testing

/// No secret is printed, whichever way a value is printed.
@Suite struct RedactionTests {
    private static let secret = "hunter2-0123456789"

    @Test func aTokenIsNotPrinted() async throws {
        let body = #"{"access_token":"\#(Self.secret)","token_type":"Bearer","expires_in":60}"#
        let performer = ScriptedPerformer(200, body: body)
        let app = try ServiceApp(
            Registration(.vismaConnect, clientID: "isv", clientSecret: Self.secret), client: Client(http: performer))
        let source = try app.tokenSource(for: .noTenant, scopes: ["a"])
        let token = try await source.freshToken()
        #expect(token.exposeSecret() == Self.secret)
        try await expectNone(in: [token, [token], app, source])
        #expect("\(token)" == "AccessToken(redacted, generation: 1)")
        // What a performer sees: the client's secret and the token.
        let request = try #require(await performer.requests.first)
        let response = HttpResponse(status: 200, headers: [HttpHeader("x", Self.secret)], body: Data(body.utf8))
        #expect(request.form.contains(Self.secret))
        try await expectNone(in: [request, request.headers, response, response.headers])
    }

    @Test func aRegistrationDoesNotPrintItsSecret() async throws {
        let registration = Registration(.vismaConnect, clientID: "isv", clientSecret: Self.secret)
        try await expectNone(in: [registration, Client.Settings(proxy: .url("http://u:\(Self.secret)@proxy.example"))])
        #expect("\(registration)" == "Registration(clientID: isv)")
    }

    @Test func aLoginPrintsNeitherItsProofKeyNorItsCookieNorItsCode() async throws {
        let app = try WebApp(
            Registration(.vismaConnect, clientID: "isv", redirectURIs: ["https://app.example/callback"]),
            client: Client(http: ScriptedPerformer(500, body: "")))
        let request = LoginRequest(scopes: ["openid"], appData: Self.secret)
        let begun = try await app.beginLogin(request)
        let record = try JSON(text: try begun.pending.toRecord())
        let verifier = try #require(record["code_verifier"]?.string)
        let cookie = try #require(begun.binding)
        let values: [Any] = [
            request, begun, begun.pending, cookie, app, WebApp.Binding.cookieHeader("a=\(Self.secret)"),
            WebApp.Binding.cookieValue(Self.secret), Callback.query("code=\(Self.secret)"),
            Callback.url("https://app.example/callback?code=\(Self.secret)"), Callback.formPost("code=\(Self.secret)"),
        ]
        for secret in [Self.secret, verifier, cookie.exposeValue()] {
            try await expectNone(of: secret, in: values)
        }
    }

    @Test func anErrorDoesNotRepeatTheSecretsOfItsRequest() async throws {
        let echo = #"{"error":"invalid_client","error_description":"unknown \#(Self.secret)"}"#
        let app = try ServiceApp(
            Registration(.vismaConnect, clientID: "isv", clientSecret: Self.secret),
            client: Client(http: ScriptedPerformer(400, body: echo)))
        let error = try #require(await grantlineError { try await app.token(for: .noTenant, scopes: ["a"]) })
        #expect(error.code == "invalid_client")
        try await expectNone(in: [error, error.message, error.localizedDescription, error.refusal as Any])
    }

    @Test func nothingOfAStoreOrAClientShowsWhatItKeeps() async throws {
        let key = TestKeys.text
        let keys = try SealingKeys.fromText(key)
        let store = try Store.redis("redis://user:\(Self.secret)@127.0.0.1:1")
        let settings = Client.Settings(store: store, sealingKeys: keys)
        let body = #"{"access_token":"\#(Self.secret)","token_type":"Bearer","expires_in":60}"#
        let client = try Client(settings, http: ScriptedPerformer(200, body: body))
        let registration = Registration(.vismaConnect, clientID: "isv", clientSecret: Self.secret)
        let source = try ServiceApp(registration, client: client).tokenSource(for: .noTenant, scopes: ["a"])
        let api = try source.api(origins: ["https://api.example"])
        _ = try await source.freshToken()
        let kept = Versioned(version: "1", bytes: Data(Self.secret.utf8))
        let malformed = try #require(await grantlineError { try SealingKeys.fromText(String(key.dropLast(4))) })
        let values: [Any] = [
            keys, store, settings, client, source, api, kept, Snapshot(clockMilliseconds: 0, kept: kept), malformed,
        ]
        for secret in [Self.secret, key, String(key.dropLast(4))] { try await expectNone(of: secret, in: values) }
        let app = try NativeApp(
            Registration(.vismaConnect, clientID: "isv", redirectURIs: ["https://app.example/callback"]), client: client)
        let session = try app.session("anna's")
        let unreachable = try #require(await grantlineError { try await session.freshToken() })
        #expect(unreachable.code == "store_unavailable")
        try await expectNone(in: [unreachable, session])
    }

    private func expectNone(of secret: String = secret, in values: [Any]) async throws {
        for value in values {
            var dumped = ""
            dump(value, to: &dumped)
            for text in ["\(value)", String(reflecting: value), String(describing: Mirror(reflecting: value)), dumped] {
                #expect(!text.contains(secret))
            }
        }
    }
}
