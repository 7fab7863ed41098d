internal import GrantlineGenerated

/// What the three application types with users have in common in the native library.
protocol NativeLoginApp: Sendable {
    func beginLogin(
        request: GrantlineGenerated.LoginRequest, cancellation: Cancellation?
    ) async throws -> GrantlineGenerated.BegunLogin
    func beginStoredLogin(
        request: GrantlineGenerated.LoginRequest, cancellation: Cancellation?
    ) async throws -> GrantlineGenerated.StoredLogin
    func session(id: String) throws -> GrantlineGenerated.Session
    func sessions(after: String?, limit: UInt32, cancellation: Cancellation?) async throws -> [String]
}

extension GrantlineGenerated.WebApp: NativeLoginApp {}
extension GrantlineGenerated.NativeApp: NativeLoginApp {}
extension GrantlineGenerated.SinglePageApp: NativeLoginApp {}

/// The calls that the three types share, with the client that serves them.
struct LoginCalls<Native: NativeLoginApp>: Sendable {
    let native: Native
    private let client: Client
    private let registration: Registration

    init(
        _ registration: Registration, _ client: Client?,
        _ make: (GrantlineGenerated.Client, GrantlineGenerated.Registration) throws -> Native
    ) throws {
        let client = try client ?? .shared()
        self.client = client
        self.registration = registration
        native = try translatingErrors { try make(client.native, registration.native) }
    }

    func begin(_ request: LoginRequest) async throws -> BegunLogin {
        try BegunLogin(
            await cancellable { [native] in
                try await native.beginLogin(request: request.native, cancellation: $0)
            })
    }

    func beginStored(_ request: LoginRequest) async throws -> StoredLogin {
        try StoredLogin(
            await cancellable { [native] in
                try await native.beginStoredLogin(request: request.native, cancellation: $0)
            })
    }

    func complete(
        _ call: @Sendable (Native, Cancellation) async throws -> GrantlineGenerated.LoggedIn
    ) async throws -> LoggedIn {
        let native = native
        let done = try await cancellable { try await call(native, $0) }
        // The login may have been to a session that other handles know.
        client.copies.void(grant(done.session))
        return LoggedIn(
            session: handle(done.session), appData: done.appData, identity: done.identity.map(IDTokenClaims.init))
    }

    func session(_ id: String) throws -> Session {
        handle(try translatingErrors { try native.session(id: id) })
    }

    func sessions() -> SessionNames {
        SessionNames { [native] after, limit in
            try await cancellable { try await native.sessions(after: after, limit: limit, cancellation: $0) }
        }
    }

    private func handle(_ session: GrantlineGenerated.Session) -> Session {
        Session(session, client.copies.of(grant(session)), client)
    }

    private func grant(_ session: GrantlineGenerated.Session) -> Grant {
        .session(issuer: registration.issuer, clientID: registration.clientID, id: session.id())
    }
}
