import Foundation
import Grantline
import ScriptedBrowser
import Testing

extension AtTheEmulator {
    /// Who logged in: the ID token of a login.
    @Suite struct IdentityTests {
        private func app(
            _ provider: Provider, _ algorithm: Registration.SigningAlgorithm? = nil, _ tolerance: Duration? = nil
        ) throws -> WebApp {
            let registration = Registration(
                provider, clientID: "isv_web", clientSecret: Known.webSecret, redirectURIs: [Known.webCallback],
                idTokenAlgorithm: algorithm, trustedAudiences: ["https://api.example"], clockTolerance: tolerance)
            return try WebApp(registration, client: Client())
        }

        private func logIn(
            _ app: WebApp, _ scopes: Scopes = ["openid"], preferring contexts: String? = nil
        ) async throws -> LoggedIn {
            var request = LoginRequest(scopes: scopes)
            request.preferACRValues = contexts
            let begun = try await app.beginLogin(request)
            let cookie = try #require(begun.binding)
            guard case .url(let url) = try await ScriptedBrowser().logIn(at: begun.url) else { throw CameAsForm() }
            return try await app.completeLogin(
                begun.pending, callback: .url(url), binding: .cookieValue(cookie.exposeValue()))
        }

        @Test(arguments: Emulator.both)
        func aLoginWithOpenidSaysWhoLoggedIn(_ emulator: Emulator) async throws {
            let app = try app(try await emulator.provider())
            let identity = try #require(try await logIn(app, ["openid", "profile", "visma_api:read"]).identity)
            #expect(identity.issuer == emulator.url && identity.audience == ["isv_web"])
            let soon = Date().addingTimeInterval(1)
            #expect(identity.issuedAt <= soon && soon < identity.expiresAt)
            #expect(try #require(identity.authTime) <= soon)
            let session = try #require(identity.sessionID)
            #expect(identity.claim("sid") == .string(session) && identity.furtherClaims["sid"] == .string(session))
            #expect(identity.claim("no such claim") == nil)
            for shown in ["\(identity)", String(reflecting: identity)] {
                #expect(shown.contains(identity.subject) && !shown.contains(session))
            }
        }

        @Test(arguments: Emulator.both)
        func aLoginWithoutOpenidIdentifiesNobody(_ emulator: Emulator) async throws {
            let done = try await logIn(try app(try await emulator.provider()), ["visma_api:read"])
            #expect(done.identity == nil)
            #expect(try await emulator.callAPI(try await done.session.freshToken()) == 200)
        }

        @Test func onlyTheRegisteredAlgorithmIsFollowed() async throws {
            let provider = try await Emulator.visma.provider()
            let wrong = await grantlineError { try await logIn(try app(provider, .es256)) }
            #expect(wrong?.code == "id_token_algorithm_mismatch" && wrong?.advice == .fixConfiguration)
            #expect(try await logIn(try app(provider, .rs256)).identity != nil)
        }

        @Test func aPreferredContextThatIsNotReachedIsNoRefusal() async throws {
            let app = try app(try await Emulator.standard.provider())
            #expect(try await logIn(app, preferring: "no:such:context").identity != nil)
        }

        @Test func aDiscoveredProviderLogsUsersIn() async throws {
            let provider = try Provider.discover(Emulator.standard.url)
            #expect(try await logIn(try app(provider)).identity?.issuer == Emulator.standard.url)
        }

        @Test func settingsThatCannotBeAreRefused() async throws {
            let tolerance = await grantlineError { try app(.vismaConnect, nil, .seconds(301)) }
            #expect(tolerance?.code == "clock_tolerance_too_long")
            let insecure = await grantlineError { try Provider.discover("http://idp.example") }
            #expect(insecure?.code == "invalid_issuer")
        }

        @Test func anIDTokenIsJudgedByTheClockUnlessAMomentIsGiven() async throws {
            let registration = Registration(.vismaConnect, clientID: "isv_web")
            let expected = IDTokenExpectations.nonce("n", accessToken: "secret")
            #expect(!"\(expected)".contains("secret"))
            let keys = #"{"keys":[]}"#
            let now = await grantlineError { try registration.checkIDToken("x.y.z", keySet: keys, expecting: expected) }
            let then = await grantlineError {
                try registration.checkIDToken("x.y.z", keySet: keys, expecting: expected, now: .distantPast)
            }
            #expect(now?.code == "id_token_malformed" && then?.code == "id_token_malformed")
        }
    }
}

/// A login whose answer is expected in the query came back as a form.
private struct CameAsForm: Error {}
