import Foundation
import Grantline
import Testing

/// What an application may not ask for is refused with a stable code and a message that says what to change, and nothing
/// is sent.
@Suite struct BadInputTests {
    private let performer = ScriptedPerformer(500, body: "nothing should be sent")
    private let client: Client

    init() throws {
        client = try Client(http: performer)
    }

    @Test func anEmptyClientIDIsRefused() async throws {
        try await expect("client_id_missing", "registration") { try ServiceApp(service(clientID: " "), client: client) }
        try await expect("client_id_missing", "registration") { try NativeApp(login(clientID: ""), client: client) }
    }

    @Test func aConfidentialTypeWithoutItsSecretIsRefused() async throws {
        try await expect("client_secret_missing", "needs its client secret") {
            try ServiceApp(service(secret: nil), client: client)
        }
        try await expect("client_secret_missing", "needs its client secret") {
            try WebApp(login(secret: ""), client: client)
        }
        try await expect("secret_method_without_secret", "there is no client secret") {
            try WebApp(login(method: .basic), client: client)
        }
    }

    @Test func aSecretForAPublicTypeIsRefused() async throws {
        try await expect("secret_for_public_client", "Remove the client secret") {
            try NativeApp(login(secret: "s"), client: client)
        }
        try await expect("secret_for_public_client", "Remove the client secret") {
            try SinglePageApp(login(secret: "s"), client: client)
        }
    }

    @Test func emptyAndForbiddenScopesAreRefused() async throws {
        try await expect("empty_scopes", "all_allowed") { try await token(scopes: []) }
        try await expect("invalid_scope_value", "is not one scope") { try await token(scopes: ["a b"]) }
        try await expect("scope_forbidden", "no user takes part") { try await token(scopes: ["openid"]) }
    }

    @Test func aTenantThatIsNotAUUIDIsRefused() async throws {
        try await expect("invalid_tenant_id", "is not a UUID") {
            try await token(for: .tenant("fjord-bakery"), scopes: ["a"])
        }
    }

    @Test(arguments: [
        ("https://app.example/callback#part", "redirect_uri_fragment", "remove what follows the #"),
        ("/callback", "redirect_uri_relative", "not an absolute URI"),
        ("http://app.example/callback", "redirect_uri_insecure", "neither https nor http on loopback"),
        ("com.example.app:/callback", "redirect_uri_scheme", "for native applications only"),
    ])
    func aRedirectURIThatCannotWorkIsRefused(_ uri: String, _ code: String, _ words: String) async throws {
        try await expect(code, words) { try WebApp(login(redirectURIs: [uri]), client: client) }
    }

    @Test func aLoginAtNoneOrAnUnknownRedirectURIIsRefused() async throws {
        try await expect("redirect_uri_missing", "no redirect URI") {
            try WebApp(login(redirectURIs: []), client: client)
        }
        let app = try WebApp(login(), client: client)
        try await expect("redirect_uri_not_registered", "is none of the registration's") {
            try await app.beginLogin(LoginRequest(scopes: ["a"], redirectURI: "https://app.example/other"))
        }
    }

    @Test func anEndpointInClearIsRefused() async throws {
        let document = #"{"issuer":"https://a.example","token_endpoint":"http://a.example/token"}"#
        try await expect("insecure_endpoint", "neither https nor http on loopback") {
            try Provider.metadata(issuer: "https://a.example", document: document)
        }
        try await expect("invalid_issuer", "It is an https URL") { try Provider.vismaConnect(at: "http://a.example") }
    }

    @Test func aRecordThatGrantlineDidNotWriteIsRefused() async throws {
        try await expect("record_malformed", "truncated or was changed") { try PendingLogin.fromRecord("{}") }
        try await expect("record_too_new", "update grantline") { try PendingLogin.fromRecord(#"{"v":2}"#) }
    }

    @Test func aClientSettingThatCannotWorkIsRefused() async throws {
        try await expect("invalid_client_setting", "root") { try Client(.init(rootCertificates: Data("x".utf8))) }
        try await expect("invalid_client_setting", "timeout") { try Client(.init(httpTimeout: .seconds(11))) }
        try await expect("invalid_client_setting", "timeout") {
            try Client(.init(httpTimeout: .milliseconds(-1)), http: performer)
        }
        try await expect("invalid_client_setting", "proxy") { try Client(.init(proxy: .url("nonsense"))) }
    }

    @Test func aLoginThatLeavesOutItsProofKeyIsForConfidentialClientsOnly() async throws {
        var request = LoginRequest(scopes: ["a"])
        request.dangerousWithoutPKCE = true
        let app = try NativeApp(login(), client: client)
        try await expect("pkce_required", "cannot go without PKCE") { try await app.beginLogin(request) }
    }

    private func service(clientID: String = "isv_service", secret: String? = "s") -> Registration {
        Registration(.vismaConnect, clientID: clientID, clientSecret: secret)
    }

    private func login(
        clientID: String = "isv_app", secret: String? = nil,
        redirectURIs: [String] = ["https://app.example/callback"], method: Registration.ClientAuthentication? = nil
    ) -> Registration {
        Registration(
            .vismaConnect, clientID: clientID, clientSecret: secret, redirectURIs: redirectURIs,
            clientAuthentication: method)
    }

    private func token(for tenant: TenantChoice = .noTenant, scopes: Scopes) async throws -> AccessToken {
        try await ServiceApp(service(), client: client).token(for: tenant, scopes: scopes)
    }

    private func expect<Value>(
        _ code: String, _ words: String, _ call: () async throws -> Value,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let error = await grantlineError(call, sourceLocation: sourceLocation)
        #expect(error?.code == code, sourceLocation: sourceLocation)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")", sourceLocation: sourceLocation)
        #expect(await performer.requests.isEmpty, sourceLocation: sourceLocation)
    }
}
