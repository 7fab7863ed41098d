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
            callers.forEach { $0.cancel() }
            for caller in callers {
                await #expect(throws: CancellationError.self) { try await caller.value }
            }
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
            callers.forEach { $0.cancel() }
            for caller in callers {
                await #expect(throws: CancellationError.self) { try await caller.value }
            }
            try await emulator.release()
            _ = try await token(of: app)
            #expect(try await emulator.arrived("isv_service") == before + 1)
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
            callers[0].cancel()
            await #expect(throws: CancellationError.self) { try await callers[0].value }
            try await emulator.release()
            _ = try await callers[1].value
            #expect(try await emulator.arrived("isv_service") == before + 1)
            try await client.shutDown()
        }

        private func start(_ count: Int, at app: ServiceApp) -> [Task<AccessToken, any Error>] {
            (0..<count).map { _ in Task { try await token(of: app) } }
        }

        private func token(of app: ServiceApp) async throws -> AccessToken {
            try await app.token(for: Known.bakery, scopes: ["visma_api:read"])
        }
    }
}
