import Foundation
import Grantline
import Testing

/// tests/vectors/published.json: the values that RFCs print, for this runner's yardsticks and for the library.
@Suite struct PublishedTests {
    private let published: JSON

    init() throws {
        let path = "\(Surroundings.vectors)/published.json"
        published = try JSON(text: try String(contentsOfFile: path, encoding: .utf8))
        #expect(published["schema"]?.int == 1)
    }

    @Test func theRunnerHashesAsTheRFCPrintsIt() throws {
        for value in try #require(published["s256"]?.array) {
            #expect(value["code_verifier"]?.string.map(SHA256.base64URL) == value["code_challenge"]?.string)
        }
    }

    @Test func aSecretIsFormEncodedInTheBody() async throws {
        for value in try #require(published["form_encoding"]?.array) {
            let text = try #require(value["text"]?.string)
            let request = try await request("a", secret: text, .post)
            #expect(request.form.hasSuffix("&client_secret=\(value["encoded"]?.string ?? "")"))
        }
    }

    @Test func aSecretIsFormEncodedInTheAuthorizationHeader() async throws {
        for value in try #require(published["client_secret_basic"]?.array) {
            let id = try #require(value["client_id"]?.string)
            let secret = try #require(value["client_secret"]?.string)
            let request = try await request(id, secret: secret, .basic)
            #expect(request.header("authorization") == value["authorization"]?.string)
        }
    }

    @Test func theMetadataOfAnIssuerAreLookedForWhereTheStandardsSay() async throws {
        for value in try #require(published["metadata_urls"]?.array) {
            let performer = ScriptedPerformer(404, body: "{}")
            let provider = try Provider.discover(try #require(value["issuer"]?.string))
            let registration = Registration(provider, clientID: "a", clientSecret: "b")
            let app = try ServiceApp(registration, client: try Client(http: performer))
            let error = await grantlineError { try await app.token(for: .noTenant, scopes: ["api:read"]) }
            #expect(error?.code == "unexpected_status")
            let urls = await performer.requests.map(\.url)
            #expect(urls == [value["openid"]?.string, value["oauth"]?.string])
        }
    }

    @Test func aPendingLoginOfTheFirstReleaseIsStillRead() throws {
        let path = "\(Surroundings.vectors)/fixtures/pending_v1.json"
        let record = try String(contentsOfFile: path, encoding: .utf8)
        let pending = try PendingLogin.fromRecord(record)
        #expect(try JSON(text: try pending.toRecord()) == JSON(text: record))
    }

    private func request(
        _ id: String, secret: String, _ method: Registration.ClientAuthentication
    ) async throws -> HttpRequest {
        let performer = ScriptedPerformer(200, body: #"{"access_token":"t","token_type":"Bearer"}"#)
        let registration = Registration(
            .vismaConnect, clientID: id, clientSecret: secret, clientAuthentication: method)
        let app = try ServiceApp(registration, client: try Client(http: performer))
        _ = try await app.token(for: .noTenant, scopes: ["api:read"])
        return try #require(await performer.requests.first)
    }
}
