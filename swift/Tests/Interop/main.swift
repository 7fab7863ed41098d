// grantline for Swift at a server that nobody here wrote. `cargo xtask interop` starts it.
//
// Arguments: the issuer, a scope that the service may have, and the program that stands for a browser.
import Foundation
import Grantline

struct Failure: Error, CustomStringConvertible {
    let description: String
}

struct Judge {
    let issuer: String
    let serviceScope: String
    let browser: String

    func discovery() async throws {
        let begun = try await webApp().beginLogin(request())
        try expect(begun.url.absoluteString.hasPrefix(issuer), "the login begins at \(begun.url)")
    }

    func serviceToken() async throws {
        let registration = Registration(
            try .discover(issuer), clientID: "service", clientSecret: "service:secret+100%25&more")
        let token = try await ServiceApp(registration, client: Client()).token(for: .noTenant, scopes: [serviceScope])
        try expect(token.scopes.contains(serviceScope), "the scopes are \(token.scopes)")
    }

    func login(_ mode: LoginRequest.ResponseMode) async throws {
        let token = try await loggedIn(mode).session.freshToken()
        try expect(token.expiresAt != nil, "the token has no end")
    }

    func idToken() async throws {
        guard let claims = try await loggedIn().identity else { throw Failure(description: "nobody was identified") }
        try expect(claims.audience.contains("web"), "it is for \(claims.audience)")
    }

    func userInfo() async throws {
        let done = try await loggedIn()
        let user = try await done.session.userInfo()
        try expect(user.claim("email") == .string("anna@example.com"), "the address is another one")
        try expect(user.subject == done.identity?.subject, "it is of another user")
    }

    func refresh() async throws {
        let session = try await loggedIn().session
        let first = try await session.freshToken()
        let second = try await session.refresh()
        try expect(second.generation == first.generation + 1, "the token is no later one")
    }

    func revocation() async throws {
        let outcome = try await loggedIn().session.end()
        try expect(outcome == .done, "the revocation is \(outcome)")
    }

    func cancelledLogin() async throws {
        do {
            _ = try await loggedIn(user: "cancels")
        } catch let error as GrantlineError where error.code == "access_denied" {
            return
        }
        throw Failure(description: "expected access_denied, but it went through")
    }

    private func loggedIn(
        _ mode: LoginRequest.ResponseMode = .query, user: String = "accepts"
    ) async throws -> LoggedIn {
        let app = try webApp()
        let begun = try await app.beginLogin(request(mode))
        guard let binding = begun.binding else { throw Failure(description: "a web login is bound to its browser") }
        let callback = try browsed(begun.url.absoluteString, user)
        return try await app.completeLogin(
            begun.pending, callback: callback, binding: .cookieValue(binding.exposeValue()))
    }

    private func webApp() throws -> WebApp {
        let registration = Registration(
            try .discover(issuer), clientID: "web", clientSecret: "web:secret+100%25&more",
            redirectURIs: ["https://app.example/callback"])
        return try WebApp(registration, client: Client())
    }

    private func request(_ mode: LoginRequest.ResponseMode = .query) -> LoginRequest {
        var request = LoginRequest(scopes: ["openid", "email", "offline_access"], responseMode: mode)
        request.prompts = [.consent]
        return request
    }

    /// What the browser brings back: the redirect's query, or the body of a form.
    private func browsed(_ url: String, _ user: String) throws -> Callback {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(fileURLWithPath: browser)
        process.arguments = ["browse", url, user]
        process.standardOutput = output
        try process.run()
        let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            .split(separator: "\n").map(String.init)
        process.waitUntilExit()
        guard process.terminationStatus == 0, let place = lines.first else {
            throw Failure(description: "the browser failed: \(lines)")
        }
        if lines.count > 1 { return .formPost(lines[1]) }
        return .query(place.split(separator: "?", maxSplits: 1).dropFirst().joined())
    }
}

func expect(_ condition: Bool, _ otherwise: String) throws {
    if !condition { throw Failure(description: otherwise) }
}

func passes(_ name: String, _ step: () async throws -> Void) async -> Bool {
    do {
        try await step()
        print("ok      \(name)")
        return true
    } catch {
        print("FAILED  \(name): \(String(describing: error).replacingOccurrences(of: "\n", with: " "))")
        return false
    }
}

guard CommandLine.arguments.count == 4 else { fatalError("expected the issuer, a scope and a browser") }
let judge = Judge(
    issuer: CommandLine.arguments[1], serviceScope: CommandLine.arguments[2], browser: CommandLine.arguments[3])
let passed = [
    await passes("discovery", judge.discovery),
    await passes("service token", judge.serviceToken),
    await passes("login, query") { try await judge.login(.query) },
    await passes("login, form_post") { try await judge.login(.formPost) },
    await passes("ID token", judge.idToken),
    await passes("userinfo", judge.userInfo),
    await passes("refresh", judge.refresh),
    await passes("revocation", judge.revocation),
    await passes("cancelled login", judge.cancelledLogin),
]
exit(passed.allSatisfy { $0 } ? 0 : 1)
