import Foundation
import Grantline
import Testing

extension AtTheEmulator {
    @Suite struct Cancellations {
        private let emulator = Emulator.visma

        @Test func ofSixteenCallersFifteenAreCancelledAndOneRequestServesTheLast() async throws {
            let app = try await serviceApp(at: emulator)
            let before = try await emulator.arrived("isv_service")
            try await emulator.hold("isv_service")
            var callers = start(16, at: app)
            try await emulator.waitForArrival("isv_service", count: before + 1)
            let last = callers.removeLast()
            await cancel(callers)
            try await emulator.release()
            #expect(try await !last.value.exposeSecret().isEmpty)
            #expect(try await emulator.arrived("isv_service") == before + 1)
        }

        @Test func whenEveryCallerIsCancelledTheNextCallFindsTheToken() async throws {
            let app = try await serviceApp(at: emulator)
            let before = try await emulator.arrived("isv_service")
            try await emulator.hold("isv_service")
            let callers = start(16, at: app)
            try await emulator.waitForArrival("isv_service", count: before + 1)
            await cancel(callers)
            try await emulator.release()
            _ = try await token(of: app)
            #expect(try await emulator.arrived("isv_service") == before + 1)
        }

        @Test func aSessionIsRefreshedOnceForSixteenCallersOfWhichFifteenLeave() async throws {
            let folder = try Folder()
            let client = try clientOn(folder)
            let session = try await nativeApp(client: client).loggedInLongAgo(as: "anna's")
            let before = try await emulator.arrived("isv_native")
            try await emulator.hold("isv_native")
            var callers = (0..<16).map { _ in Task { try await session.freshToken() } }
            try await emulator.waitForArrival("isv_native", count: before + 1)
            let last = callers.removeLast()
            await cancel(callers)
            try await emulator.release()
            let token = try await last.value
            #expect(token.generation == 2)
            #expect(try await session.freshToken() == token)
            #expect(try await emulator.arrived("isv_native") == before + 1)
            try await client.shutDown()
        }

        @Test func aSessionsCallersAllLeaveAndTheNextFindsTheNewTokenSaved() async throws {
            let folder = try Folder()
            let (client, other) = (try clientOn(folder), try clientOn(folder))
            let session = try await nativeApp(client: client).loggedInLongAgo(as: "anna's")
            let before = try await emulator.arrived("isv_native")
            try await emulator.hold("isv_native")
            let callers = (0..<16).map { _ in Task { try await session.freshToken() } }
            try await emulator.waitForArrival("isv_native", count: before + 1)
            await cancel(callers)
            try await emulator.release()
            let token = try await session.freshToken()
            #expect(token.generation == 2 && token.isSaved)
            #expect(try await nativeApp(client: other).session("anna's").freshToken() == token)
            #expect(try await emulator.arrived("isv_native") == before + 1)
            try await client.shutDown()
            try await other.shutDown()
        }

        @Test func aSessionEndsAlthoughWhoEndedItLeaves() async throws {
            let folder = try Folder()
            let (client, other) = (try clientOn(folder), try clientOn(folder))
            let app = try await nativeApp(client: client)
            let (session, handle) = (try await app.loggedIn(as: "anna's"), try app.session("anna's"))
            _ = try await handle.freshToken()
            let events = client.events()
            try await emulator.hold("isv_native", path: "/connect/revocation")
            let ending = Task { try await session.end() }
            let ended = await events.first { if case .sessionEnded = $0 { true } else { false } }
            #expect(ended != nil)
            await cancel([ending])
            // The server has not answered yet.
            let elsewhere = try await nativeApp(client: other).session("anna's")
            for session in [handle, elsewhere] {
                #expect(await grantlineError { try await session.freshToken() }?.code == "session_ended")
            }
            try await emulator.release()
            try await client.shutDown()
            try await other.shutDown()
        }

        @Test func aTaskThatWasCancelledBeforeItCalledBeginsNothing() async throws {
            let app = try await serviceApp(at: emulator)
            let before = try await emulator.arrived("isv_service")
            let caller = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await token(of: app)
            }
            await #expect(throws: CancellationError.self) { try await caller.value }
            #expect(try await emulator.arrived("isv_service") == before)
        }

        @Test func theLoopAroundUrlSessionAnswersTheOthersOfACancelledCaller() async throws {
            let client = try Client(http: URLSessionPerformer())
            let app = try await serviceApp(at: emulator, client: client)
            let before = try await emulator.arrived("isv_service")
            try await emulator.hold("isv_service")
            let callers = start(2, at: app)
            try await emulator.waitForArrival("isv_service", count: before + 1)
            await cancel([callers[0]])
            try await emulator.release()
            _ = try await callers[1].value
            #expect(try await emulator.arrived("isv_service") == before + 1)
            try await client.shutDown()
        }

        private func cancel<Value>(_ callers: [Task<Value, any Error>]) async {
            callers.forEach { $0.cancel() }
            for caller in callers {
                await #expect(throws: CancellationError.self) { try await caller.value }
            }
        }

        private func start(_ count: Int, at app: ServiceApp) -> [Task<AccessToken, any Error>] {
            (0..<count).map { _ in Task { try await token(of: app) } }
        }

        private func token(of app: ServiceApp) async throws -> AccessToken {
            try await app.token(for: Known.bakery, scopes: ["visma_api:read"])
        }
    }
}
