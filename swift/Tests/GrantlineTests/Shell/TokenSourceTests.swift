import Foundation
import GrantlineGenerated
import Testing

@testable import Grantline

/// The handle on one token, and how often it asks the native library.
@Suite struct TokenSourceTests {
    private let native: CountingSource
    private let source: Grantline.TokenSource

    init() throws {
        let body = #"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#
        let client = try Grantline.Client(http: ScriptedPerformer(200, body: body))
        let registration = Grantline.Registration(.vismaConnect, clientID: "isv", clientSecret: "s")
        let app = try Grantline.ServiceApp(registration, client: client)
        native = CountingSource(
            try app.native.tokenSource(tenant: .noTenant, scopes: .allAllowed, resource: nil))
        source = Grantline.TokenSource(native, TokenCopy(), client)
    }

    @Test func aTokenThatIsFreshCallsNothingNative() async throws {
        let first = try await source.freshToken()
        for _ in 1...100 {
            #expect(try await source.freshToken() == first)
        }
        #expect(native.calls.with { $0 } == 1)
    }

    @Test func aRefreshIsAskedForAndWhatItBroughtIsKept() async throws {
        _ = try await source.freshToken()
        let second = try await source.refresh()
        for _ in 1...100 {
            #expect(try await source.freshToken() == second)
        }
        #expect(native.calls.with { $0 } == 3)
    }

    @Test func aTokenThatAnAPIRefusedIsAskedForAnew() async throws {
        let refused = try await source.freshToken()
        source.invalidate(refused)
        let later = try await source.freshToken()
        #expect(later.generation > refused.generation)
        #expect(try await source.freshToken() == later)
        #expect(native.calls.with { $0 } == 2)
    }
}

/// Counts the calls that reach the native library.
private final class CountingSource: NativeTokenSource {
    let calls = Locked(0)
    private let native: any NativeTokenSource

    init(_ native: any NativeTokenSource) {
        self.native = native
    }

    func freshToken(cancellation: Cancellation?) async throws -> GrantlineGenerated.AccessToken {
        calls.with { $0 += 1 }
        return try await native.freshToken(cancellation: cancellation)
    }

    func refresh(cancellation: Cancellation?) async throws -> GrantlineGenerated.AccessToken {
        calls.with { $0 += 1 }
        return try await native.refresh(cancellation: cancellation)
    }

    func invalidate(refused: GrantlineGenerated.AccessToken) {
        native.invalidate(refused: refused)
    }
}
