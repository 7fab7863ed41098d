// grantline's main job from Swift, against the emulator whose address is in GRANTLINE_EMULATOR_URL: a service token for
// a tenant, by the built-in HTTP and by URLSession; a user's login from start to end; a call of the API; a refresh; then a
// second process, which goes on with the session of the first and ends it. Ends with 0 only if all of it worked. Run it by
// `cargo xtask demo swift`.
//
// Arguments of the second process: the folder where the first has kept the session, and the session's name.
import Foundation
import Grantline
import ScriptedBrowser

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// "Fjord Bakery AS" in the emulator's default configuration.
let fjordBakery = TenantChoice.tenant("11111111-1111-4111-8111-111111111111")

func showServiceToken(_ provider: Provider, client: Client, by means: String) async throws {
    let app = try ServiceApp(
        Registration(provider, clientID: "isv_service", clientSecret: "service-secret"), client: client)
    let token = try await app.token(for: fjordBakery, scopes: ["visma_api:read"])
    print("A service integration asks for a token of one customer, by \(means)")
    print("  token \(redacted(token)) with scope \(token.scopes.joined(separator: " "))")
}

func webApp(_ provider: Provider, client: Client) throws -> WebApp {
    let registration = Registration(
        provider, clientID: "isv_web", clientSecret: "web:secret+100%25&more",
        redirectURIs: ["https://app.example/callback"])
    return try WebApp(registration, client: client)
}

func showLogin(_ provider: Provider, client: Client) async throws -> Session {
    let app = try webApp(provider, client: client)
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

func showAPI(_ provider: Provider, _ session: Session) async throws {
    guard let url = URL(string: "\(provider.issuer)/api/invoices") else { throw DemoFailure("the emulator has no URL") }
    let api = ApiClient(try session.api(origins: [provider.issuer]))
    let answer = try await api.send(URLRequest(url: url))
    guard answer.response.status == 200 else {
        throw DemoFailure("the API refused the token: \(answer.refusal?.description ?? "\(answer.response.status)")")
    }
    print("  the API answers 200, with \(answer.response.body.count) bytes of invoices")
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

/// Sessions outlive the process in an SQLite file, sealed with a key that is kept apart from it.
func clientOn(_ folder: URL) throws -> Client {
    let store = try Store.sqlite(folder.appendingPathComponent("sessions.db").path)
    let keys = try SealingKeys.fromFile(folder.appendingPathComponent("sealing.key").path)
    return try Client(.init(store: store, sealingKeys: keys))
}

func showFirstProcess(_ provider: Provider) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("grantline-demo-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    try SealingKeys.createFile(folder.appendingPathComponent("sealing.key").path)

    let client = try clientOn(folder)
    try await showServiceToken(provider, client: client, by: "the built-in HTTP")
    let own = try Client(http: URLSessionPerformer())
    try await showServiceToken(provider, client: own, by: "URLSession")
    try await own.shutDown()
    try await showTypedError(provider)
    let session = try await showLogin(provider, client: client)
    try await showAPI(provider, session)
    try await showRefresh(session)
    try await client.shutDown()
    try await restart([folder.path, session.id])
}

/// Starts this program once more.
func restart(_ arguments: [String]) async throws {
    print("The process ends, and another one starts")
    // What waits to be written comes before what the other process writes.
    fflush(nil)
    let process = Process()
    process.executableURL = Bundle.main.executableURL
    process.arguments = arguments
    let status = try await withCheckedThrowingContinuation { continuation in
        process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
        do { try process.run() } catch { continuation.resume(throwing: error) }
    }
    guard status == 0 else { throw DemoFailure("the second process ended with \(status)") }
}

/// Another process goes on with the session of the first.
func showSecondProcess(_ provider: Provider, _ folder: URL, _ id: String) async throws {
    let client = try clientOn(folder)
    let session = try webApp(provider, client: client).session(id)
    let kept = try await session.freshToken()
    print("  it has rotation \(kept.generation) of the grant, and its token \(redacted(kept))")
    try await showAPI(provider, session)
    let later = try await session.refresh()
    guard later.generation > kept.generation else { throw DemoFailure("a refresh gives a later token") }
    print("  it refreshes: rotation \(later.generation), token \(redacted(later))")
    guard try await session.end() == .done else { throw DemoFailure("the refresh token was not revoked") }
    print("  anna logs out: the session has ended, here and at the provider")
    try await client.shutDown()
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
    let arguments = CommandLine.arguments.dropFirst()
    if let folder = arguments.first, let session = arguments.last, arguments.count == 2 {
        try await showSecondProcess(provider, URL(fileURLWithPath: folder), session)
    } else {
        try await showFirstProcess(provider)
    }
} catch {
    FileHandle.standardError.write(Data("the demo failed: \(error)\n".utf8))
    exit(1)
}
