import Foundation
import Grantline
import Testing

extension AtTheEmulator {
    @Suite struct EventStreams {
        private let emulator = Emulator.visma

        @Test func whatHappensToASessionIsToldUntilTheClientEnds() async throws {
            let client = try Client()
            let session = try await nativeApp(client: client).loggedIn(as: "anna's")
            let listeners = [client.events(), client.events()]
            _ = try await session.refresh()
            try await session.end()
            try await client.shutDown()
            let told: [Event] = [
                .refreshed(subject("anna's"), generation: 2),
                .sessionEnded(subject("anna's"), reason: "ended_by_application", serverError: nil),
            ]
            for listener in listeners {
                #expect(await all(listener) == told)
            }
            #expect(await all(client.events()).isEmpty)
        }

        @Test func theServersWordIsToldAsItCame() async throws {
            let client = try Client()
            let session = try await nativeApp(client: client).loggedIn(as: "anna's")
            let events = client.events()
            try await emulator.reply(to: "isv_native", status: 400, body: #"{"error":"invalid_grant"}"#)
            #expect(await grantlineError { try await session.refresh() }?.code == "invalid_grant")
            let ended = Event.sessionEnded(
                subject("anna's"), reason: "refused_by_server", serverError: "invalid_grant")
            #expect(await events.contains(ended))
        }

        @Test func f117ARefreshThatIsAnsweredForSomebodyElseRaisesAnAlarmAndChangesNothing() async throws {
            let client = try Client()
            let session = try await nativeApp(client: client).loggedIn(as: "anna's")
            let mine = try await session.freshToken().exposeSecret()
            let events = client.events()
            try await emulator.reply(to: "isv_native", status: 200, body: ofSomebodyElse)
            #expect(await grantlineError { try await session.refresh() }?.code == "id_token_issuer_mismatch")
            guard case .answerDiscarded(subject("anna's"), let error) = await events.first(where: { _ in true }) else {
                Issue.record("another event came first")
                return
            }
            #expect(error.code == "id_token_issuer_mismatch")
            #expect(try await session.freshToken().exposeSecret() == mine)
        }

        @Test func aServiceTokenThatIsNotToBeHadIsToldWithItsTenant() async throws {
            let client = try Client()
            let events = client.events()
            let app = try await serviceApp(at: emulator, client: client)
            let refusal = await grantlineError { try await app.token(for: Known.stranger, scopes: ["visma_api:read"]) }
            guard case .refreshFailed(let subject, let error) = await events.first(where: { _ in true }) else {
                Issue.record("another event came first")
                return
            }
            #expect(subject == .service(issuer: emulator.url, clientID: "isv_service", tenant: Known.stranger))
            #expect(error == refusal)
        }

        @Test func whatAStoreDoesNotTakeIsTold() async throws {
            let blobs = MemoryBlobs()
            let client = try clientOn(.blobs(blobs))
            let events = client.events()
            let session = try await nativeApp(client: client).loggedIn(as: "anna's")
            blobs.takeOnlyTheMark()
            _ = try await session.refresh()
            let first = await events.first { if case .notSaved = $0 { true } else { false } }
            guard case .notSaved(subject("anna's"), generation: 2, let error) = first else {
                Issue.record("\(String(describing: first))")
                return
            }
            #expect(error.code == "store_full")
            blobs.takeAll()
            try await client.shutDown()
            #expect(await events.contains(.savedLate(subject("anna's"), generation: 2)))
        }

        @Test func aLoopThatIsCancelledEndsAndLosesNoEvent() async throws {
            let client = try Client()
            let session = try await nativeApp(client: client).loggedIn(as: "anna's")
            let events = client.events()
            let loop = Task { await all(events) }
            loop.cancel()
            #expect(await loop.value.isEmpty)
            _ = try await session.refresh()
            #expect(await events.first { _ in true } == .refreshed(subject("anna's"), generation: 2))
        }

        @Test func loopsOverOneListenerShareItsEvents() async throws {
            let client = try Client()
            let session = try await nativeApp(client: client).loggedIn(as: "anna's")
            let events = client.events()
            let loops = (0..<3).map { _ in Task { await all(events) } }
            for _ in 0..<5 { _ = try await session.refresh() }
            try await client.shutDown()
            var told: [Event] = []
            for loop in loops { told += await loop.value }
            #expect(told.count == 5)
            for generation in 2...6 as ClosedRange<UInt64> {
                #expect(told.contains(.refreshed(subject("anna's"), generation: generation)))
            }
        }

        private func subject(_ id: String) -> Subject {
            .session(issuer: emulator.url, clientID: "isv_native", id: id)
        }

        private func all(_ events: Events) async -> [Event] {
            var told: [Event] = []
            for await event in events { told.append(event) }
            return told
        }
    }
}

/// A token response whose ID token another server wrote for another client.
private let ofSomebodyElse =
    #"{"access_token":"theirs","refresh_token":"theirs","token_type":"Bearer","id_token":"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL290aGVyLmV4YW1wbGUiLCJzdWIiOiJzb21lb25lIiwiYXVkIjoiYW5vdGhlci1jbGllbnQiLCJpYXQiOjE3OTUyNjI0MDAsImV4cCI6MTc5NTI2MjcwMH0.c2lnbmF0dXJl"}"#
