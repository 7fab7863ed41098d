internal import GrantlineGenerated

/// What the three application types with users have in common in the native library.
protocol NativeLoginApp: Sendable {
    func beginLogin(
        request: GrantlineGenerated.LoginRequest, cancellation: Cancellation?
    ) async throws -> GrantlineGenerated.BegunLogin
    func session(id: String) throws -> GrantlineGenerated.Session
}

extension GrantlineGenerated.WebApp: NativeLoginApp {}
extension GrantlineGenerated.NativeApp: NativeLoginApp {}
extension GrantlineGenerated.SinglePageApp: NativeLoginApp {}

/// The calls that the three types share, with the client that serves them.
struct LoginCalls<Native: NativeLoginApp>: Sendable {
    let native: Native
    private let client: Client

    init(
        _ registration: Registration, _ client: Client?,
        _ make: (GrantlineGenerated.Client, GrantlineGenerated.Registration) throws -> Native
    ) throws {
        let client = try client ?? .shared()
        self.client = client
        native = try translatingErrors { try make(client.native, registration.native) }
    }

    func begin(_ request: LoginRequest) async throws -> BegunLogin {
        try BegunLogin(
            await cancellable { [native] in
                try await native.beginLogin(request: request.native, cancellation: $0)
            })
    }

    func complete(
        _ call: @Sendable (Native, Cancellation) async throws -> GrantlineGenerated.LoggedIn
    ) async throws -> LoggedIn {
        let native = native
        let done = try await cancellable { try await call(native, $0) }
        // The session of that name may have had an earlier grant.
        client.changes.with { $0 += 1 }
        return LoggedIn(session: Session(done.session, client), appData: done.appData)
    }

    func session(_ id: String) throws -> Session {
        try translatingErrors { Session(try native.session(id: id), client) }
    }
}
