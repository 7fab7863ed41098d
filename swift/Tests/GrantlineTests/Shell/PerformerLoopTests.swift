import Foundation
import Testing

@testable import Grantline

/// The loop around a performer of the application's own.
@Suite(.timeLimit(.minutes(1))) struct PerformerLoopTests {
    @Test func shuttingDownWaitsForWhatWasSent() async throws {
        let gate = Gate()
        let client = try Client(http: GatedPerformer(gate))
        let app = try service(client)
        let caller = Task { try await app.token(for: .noTenant, scopes: ["a"]) }
        await gate.arrival()
        let end = Task { try await client.shutDown() }
        await gate.open()
        try await end.value
        #expect(try await caller.value.exposeSecret() == "t")
    }

    @Test func aClientThatWasShutDownSendsNothingMore() async throws {
        let performer = ScriptedPerformer(200, body: "{}")
        let client = try Client(http: performer)
        try await client.shutDown()
        let error = await grantlineError { try await service(client).token(for: .noTenant, scopes: ["a"]) }
        #expect(error?.code == "client_closed")
        #expect(await performer.requests.isEmpty)
    }

    @Test func aPerformerThatIsNotDoneInTimeIsGivenUp() async throws {
        let gate = Gate()
        let client = try Client(http: GatedPerformer(gate))
        let app = try service(client)
        let caller = Task { await grantlineError { try await app.token(for: .noTenant, scopes: ["a"]) } }
        await gate.arrival()
        #expect(await grantlineError { try await client.shutDown(limit: .zero) }?.code == "cancelled")
        #expect(await caller.value?.fault == .cancelled)
        await gate.cancellation()
    }

    /// In sixteen bits 65,736 is 200.
    @Test(arguments: [65_736, 0, 99, 1000, -1])
    func aStatusThatIsNoneIsNotHttp(_ status: Int) async throws {
        let client = try Client(http: ScriptedPerformer(status, body: "{}"))
        let error = await grantlineError { try await service(client).token(for: .noTenant, scopes: ["a"]) }
        #expect(error?.code == "not_http")
    }

    @Test func aClientThatNobodyHoldsEndsItsLoop() async throws {
        let (ended, end) = AsyncStream<Void>.makeStream()
        do {
            _ = try Client(http: MarkedPerformer(end))
        }
        for await _ in ended {}
    }

    @Test func aLoginThatIsGivenUpCancelsItsRequest() async throws {
        let gate = Gate()
        let app = try NativeApp(
            Registration(.vismaConnect, clientID: "isv", redirectURIs: ["https://app.example/callback"]),
            client: Client(http: GatedPerformer(gate)))
        let begun = try await app.beginLogin(LoginRequest(scopes: ["a"]))
        let callback = "https://app.example/callback?code=c&state=\(begun.pending.state)&iss=https%3A%2F%2Fconnect.visma.com"
        let caller = Task { try await app.completeLogin(begun.pending, callback: .url(callback)) }
        await gate.arrival()
        caller.cancel()
        await #expect(throws: CancellationError.self) { try await caller.value }
        await gate.cancellation()
    }

    private func service(_ client: Client) throws -> ServiceApp {
        try ServiceApp(Registration(.vismaConnect, clientID: "isv", clientSecret: "s"), client: client)
    }
}

/// Answers when it is let, and tells what happens to it.
private struct GatedPerformer: HttpPerformer {
    private static let token = #"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#

    private let gate: Gate

    init(_ gate: Gate) {
        self.gate = gate
    }

    func perform(_ request: HttpRequest) async throws(HttpFailure) -> HttpResponse {
        await gate.pass()
        let headers = [HttpHeader("content-type", "application/json")]
        return HttpResponse(status: 200, headers: headers, body: Data(Self.token.utf8))
    }
}

/// Tells when nobody holds it any more.
private final class MarkedPerformer: HttpPerformer {
    private let end: AsyncStream<Void>.Continuation

    init(_ end: AsyncStream<Void>.Continuation) {
        self.end = end
    }

    deinit {
        end.finish()
    }

    func perform(_ request: HttpRequest) async throws(HttpFailure) -> HttpResponse {
        throw HttpFailure(.notPerformed, sent: .certainlyNot, detail: "it only waits for its end")
    }
}
