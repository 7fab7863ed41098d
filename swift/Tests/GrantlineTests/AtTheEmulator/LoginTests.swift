import Foundation
import Grantline
import ScriptedBrowser
import Testing

extension AtTheEmulator {
    @Suite struct Logins {
        private let emulator = Emulator.visma

        @Test(arguments: Emulator.both, [LoginRequest.ResponseMode.query, .formPost])
        func aWebLoginBecomesASession(_ emulator: Emulator, _ mode: LoginRequest.ResponseMode) async throws {
            let request = LoginRequest(
                scopes: WebLogin.scopes, responseMode: mode, sessionID: "anna-\(UUID())", appData: "/invoices/7")
            let login = try await WebLogin(at: emulator, request)
            try login.app.checkCallback(login.pending, callback: login.callback, binding: login.binding)
            let done = try await login.complete()
            #expect(done.appData == "/invoices/7")
            #expect(done.session.id == request.sessionID)
            let before = try await emulator.arrived("isv_web")
            #expect(try await done.session.freshToken().scopes.contains("visma_api:read"))
            #expect(try await emulator.arrived("isv_web") == before)
        }

        @Test(arguments: Emulator.both)
        func aNativeLoginReturnsToAnyPortOfLoopback(_ emulator: Emulator) async throws {
            let app = try NativeApp(
                Registration(
                    try await emulator.provider(), clientID: "isv_native", redirectURIs: ["http://127.0.0.1/callback"]),
                client: Client())
            let begun = try await app.beginLogin(
                LoginRequest(scopes: WebLogin.scopes, redirectURI: Known.nativeCallback))
            #expect(begun.binding == nil)
            #expect(begun.pending.redirectURI == Known.nativeCallback)
            guard case .url(let url) = try await ScriptedBrowser().logIn(at: begun.url) else {
                Issue.record("a native login came back as a form")
                return
            }
            #expect(Callback.url(url).state == begun.pending.state)
            try app.checkCallback(begun.pending, callback: .url(url))
            let done = try await app.completeLogin(begun.pending, callback: .url(url))
            #expect(try await !done.session.freshToken().exposeSecret().isEmpty)
        }

        @Test func aSinglePageLoginHasNoRefreshToken() async throws {
            let app = try SinglePageApp(
                Registration(
                    try await emulator.provider(), clientID: "isv_spa", redirectURIs: ["http://localhost:5173/callback"]),
                client: Client())
            let begun = try await app.beginLogin(LoginRequest(scopes: ["openid", "visma_api:read"]))
            guard case .url(let url) = try await ScriptedBrowser().logIn(at: begun.url) else {
                Issue.record("a single-page login came back as a form")
                return
            }
            let done = try await app.completeLogin(begun.pending, callback: .url(url))
            _ = try await done.session.freshToken()
            #expect(await grantlineError { try await done.session.refresh() }?.code == "no_refresh_token")
        }

        @Test func aPendingLoginSurvivesTheProcessAsItsRecord() async throws {
            let login = try await WebLogin(at: emulator)
            let pending = try PendingLogin.fromRecord(login.pending.toRecord())
            #expect(pending.state == login.pending.state && pending.expiresAt == login.pending.expiresAt)
            #expect(pending.expiresAt > Date())
            let elsewhere = try await WebLogin.app(at: emulator)
            _ = try await elsewhere.completeLogin(pending, callback: login.callback, binding: login.binding)
        }

        @Test(arguments: Emulator.both)
        func aUserWhoRefusesIsTheProvidersOwnError(_ emulator: Emulator) async throws {
            // `consent`, since the emulator remembers who has accepted.
            var request = LoginRequest(scopes: WebLogin.scopes)
            request.prompts = [.consent]
            let login = try await WebLogin(at: emulator, request, as: .refuses)
            let error = try #require(await grantlineError { try await login.complete() })
            #expect(error.code == "access_denied" && error.advice == .logInAgain)
            #expect(error.refusal?.status == nil)
        }

        @Test func aCallbackIsTakenOnce() async throws {
            let login = try await WebLogin(at: emulator)
            _ = try await login.complete()
            #expect(await login.refusal() == "callback_already_used")
        }

        @Test func aCallbackFromAnotherBrowserOrForAnotherLoginIsRefusedAndTheTrueOneStillWorks() async throws {
            let mine = try await WebLogin(at: emulator)
            let other = try await WebLogin(at: emulator)
            let before = try await emulator.arrived("isv_web")
            #expect(await mine.refusal(binding: other.binding) == "browser_mismatch")
            #expect(await mine.refusal(callback: other.callback) == "state_mismatch")
            #expect(try await emulator.arrived("isv_web") == before)
            _ = try await mine.complete()
        }

        @Test func theCookieOfALoginIsBoundToTheHostAndReachesAFormPost() async throws {
            let begun = try await WebLogin.app(at: emulator).beginLogin(LoginRequest(scopes: WebLogin.scopes))
            let cookie = try #require(begun.binding)
            #expect(cookie.setCookie().hasPrefix("\(cookie.cookieName)=\(cookie.exposeValue()); "))
            #expect(cookie.cookieName.hasPrefix("__Host-"))
            for attribute in ["Secure", "HttpOnly", "SameSite=None", "Path=/"] {
                #expect(cookie.setCookie().contains("; \(attribute)"))
            }
        }
    }
}
