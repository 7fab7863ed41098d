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

    static func app(at emulator: Emulator, client: Client? = nil) async throws -> WebApp {
        let registration = Registration(
            try await emulator.provider(), clientID: "isv_web", clientSecret: Known.webSecret,
            redirectURIs: [Known.webCallback], clientAuthentication: .basic)
        return try WebApp(registration, client: client ?? Client())
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

extension WebApp {
    /// A user who logs in by way of the store.
    func logIn(_ scopes: Scopes = WebLogin.scopes) async throws -> LoggedIn {
        let begun = try await beginStoredLogin(LoginRequest(scopes: scopes))
        return try await completeStoredLogin(callback: approve(begun), binding: begun.cookie())
    }

    /// Goes through the provider's pages: what the redirect URI gets.
    func approve(_ begun: StoredLogin) async throws -> Callback {
        switch try await ScriptedBrowser().logIn(at: begun.url) {
        case .url(let url): .url(url)
        case .form(_, let body): .formPost(body)
        }
    }
}

extension StoredLogin {
    /// As the browser shows it that began the login.
    func cookie() throws -> WebApp.Binding {
        let binding = try #require(binding)
        return .cookieHeader("other=1; \(binding.cookieName)=\(binding.exposeValue())")
    }
}
