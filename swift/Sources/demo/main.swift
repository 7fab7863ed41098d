// grantline's main job from Swift, against the emulator whose address is in GRANTLINE_EMULATOR_URL: a service token for
// a tenant, by the built-in HTTP and by URLSession; a user's login from start to end; a refresh. Ends with 0 only if all
// of it worked. Run it by `cargo xtask demo swift`.
import Foundation
import Grantline
import ScriptedBrowser

/// "Fjord Bakery AS" in the emulator's default configuration.
let fjordBakery = TenantChoice.tenant("11111111-1111-4111-8111-111111111111")

func showServiceToken(_ provider: Provider, client: Client, by means: String) async throws {
    let app = try ServiceApp(
        Registration(provider, clientID: "isv_service", clientSecret: "service-secret"), client: client)
    let token = try await app.token(for: fjordBakery, scopes: ["visma_api:read"])
    print("A service integration asks for a token of one customer, by \(means)")
    print("  token \(redacted(token)) with scope \(token.scopes.joined(separator: " "))")
}

func showLogin(_ provider: Provider, client: Client) async throws -> Session {
    let app = try WebApp(
        Registration(
            provider, clientID: "isv_web", clientSecret: "web:secret+100%25&more",
            redirectURIs: ["https://app.example/callback"]),
        client: client)
    let begun = try await app.beginLogin(
        LoginRequest(
            scopes: ["openid", "offline_access", "visma_api:read"], responseMode: .formPost, appData: "/invoices"))
    guard let cookie = begun.binding else { throw DemoFailure("a web login is bound to its browser") }
    print("A user logs in to a web application")
    print("  the browser goes to \(begun.url.path)...")

    guard case .form(let action, let body) = try await ScriptedBrowser().logIn(at: begun.url) else {
        throw DemoFailure("the login did not come back by form_post")
    }
    print("  anna logs in, gives access, and is posted back to \(action)")

    let done = try await app.completeLogin(
        begun.pending, callback: .formPost(body), binding: .cookieValue(cookie.exposeValue()))
    print("  the code is exchanged, and the application goes on at \(done.appData ?? "?")")
    return done.session
}

func showRefresh(_ session: Session) async throws {
    print("The session's token is refreshed: 16 callers at once, 15 of them give up")
    let before = try await session.freshToken()
    var callers = (0..<16).map { _ in Task { try await session.refresh() } }
    let last = callers.removeLast()
    callers.forEach { $0.cancel() }
    let token = try await last.value
    guard token.generation > before.generation else { throw DemoFailure("a refresh gives a later token") }
    print("  token \(redacted(token)) replaces \(redacted(before))")
}

func showTypedError(_ provider: Provider) async throws {
    let app = try ServiceApp(
        Registration(provider, clientID: "isv_service", clientSecret: "service-secret"), client: Client())
    do {
        _ = try await app.token(for: .tenant("99999999-9999-4999-8999-999999999999"), scopes: ["visma_api:read"])
        throw DemoFailure("a tenant that has not approved the application is refused")
    } catch let error as GrantlineError {
        print("A tenant that has not approved the application: \(error.code), \(error.advice.rawValue)")
    }
}

/// Enough of a token to tell it from another.
func redacted(_ token: AccessToken) -> String { "...\(token.exposeSecret().suffix(6))" }

struct DemoFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

do {
    guard let url = ProcessInfo.processInfo.environment["GRANTLINE_EMULATOR_URL"] else {
        throw DemoFailure("GRANTLINE_EMULATOR_URL is not set")
    }
    let provider = try Provider.vismaConnect(at: url)
    let client = try Client()
    try await showServiceToken(provider, client: client, by: "the built-in HTTP")
    let own = try Client(http: URLSessionPerformer())
    try await showServiceToken(provider, client: own, by: "URLSession")
    try await own.shutDown()
    let session = try await showLogin(provider, client: client)
    try await showRefresh(session)
    try await showTypedError(provider)
} catch {
    FileHandle.standardError.write(Data("the demo failed: \(error)\n".utf8))
    exit(1)
}
