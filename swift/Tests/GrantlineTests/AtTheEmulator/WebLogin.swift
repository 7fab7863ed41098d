import Foundation
import Grantline
import ScriptedBrowser
import Testing

/// A login of the emulators' web application, up to the callback.
struct WebLogin: Sendable {
    static let scopes: Scopes = ["openid", "offline_access", "visma_api:read"]

    let app: WebApp
    let pending: PendingLogin
    let callback: Callback
    let binding: WebApp.Binding

    init(
        at emulator: Emulator, _ request: LoginRequest = LoginRequest(scopes: scopes),
        as user: ScriptedBrowser.User = .accepts
    ) async throws {
        app = try await Self.app(at: emulator)
        let begun = try await app.beginLogin(request)
        pending = begun.pending
        let cookie = try #require(begun.binding)
        binding = .cookieHeader("other=1; \(cookie.cookieName)=\(cookie.exposeValue())")
        switch try await ScriptedBrowser().logIn(at: begun.url, as: user) {
        case .url(let url):
            callback = .query(String(try #require(url.split(separator: "?", maxSplits: 1).last)))
        case .form(let action, let body):
            #expect(action == Known.webCallback)
            callback = .formPost(body)
        }
    }

    static func app(at emulator: Emulator) async throws -> WebApp {
        let registration = Registration(
            try await emulator.provider(), clientID: "isv_web", clientSecret: Known.webSecret,
            redirectURIs: [Known.webCallback], clientAuthentication: .basic)
        return try WebApp(registration, client: Client())
    }

    func complete() async throws -> LoggedIn {
        try await app.completeLogin(pending, callback: callback, binding: binding)
    }

    /// The error code that it is refused with.
    func refusal(callback: Callback? = nil, binding: WebApp.Binding? = nil) async -> String? {
        await grantlineError {
            try await app.completeLogin(
                pending, callback: callback ?? self.callback, binding: binding ?? self.binding)
        }?.code
    }
}
