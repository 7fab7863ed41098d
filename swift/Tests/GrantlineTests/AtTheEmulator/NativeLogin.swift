import Foundation
import Grantline
import ScriptedBrowser
import Testing

/// The emulators' native application, with a client of its own unless one is given.
func nativeApp(at emulator: Emulator = .visma, client: Client? = nil) async throws -> NativeApp {
    let registration = Registration(
        try await emulator.provider(), clientID: "isv_native", redirectURIs: ["http://127.0.0.1/callback"])
    return try NativeApp(registration, client: try client ?? Client())
}

extension NativeApp {
    /// The session of a user who has logged in, under that name.
    func loggedIn(as name: String? = nil) async throws -> Session {
        let request = LoginRequest(scopes: WebLogin.scopes, redirectURI: Known.nativeCallback, sessionID: name)
        let begun = try await beginLogin(request)
        guard case .url(let url) = try await ScriptedBrowser().logIn(at: begun.url) else { throw NoRedirect() }
        return try await completeLogin(begun.pending, callback: .url(url)).session
    }

    /// The same for a session whose token has expired, so that whoever asks for it has to wait.
    func loggedInLongAgo(as name: String? = nil, at emulator: Emulator = .visma) async throws -> Session {
        try await emulator.setLifetime(of: "isv_native", seconds: 0)
        let session = try await loggedIn(as: name)
        try await emulator.setLifetime(of: "isv_native", seconds: 3600)
        return session
    }
}

/// A native login came back as a form.
private struct NoRedirect: Error {}
