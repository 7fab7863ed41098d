import Foundation
import Grantline
import Testing

extension AtTheEmulator {
    /// The end of a client waits for what was sent.
    @Suite struct Shutdowns {
        private let emulator = Emulator.visma
        private let folder: Folder

        init() throws {
            folder = try Folder()
        }

        @Test func itWaitsUntilWhatWasSentIsAnsweredAndSaved() async throws {
            let client = try clientOn(folder)
            let session = try await nativeApp(client: client).loggedIn(as: "anna's")
            let refresh = try await heldRefresh(of: session)
            let end = Task { try await client.shutDown() }
            await untilRefused(session)
            try await emulator.release()
            try await end.value
            #expect(try await refresh.value.generation == 2)
            try await expectSaved(generation: 2)
            try await client.shutDown()
        }

        @Test func aTaskThatIsCancelledWhileItShutsDownWaitsAsWell() async throws {
            let client = try clientOn(folder)
            let session = try await nativeApp(client: client).loggedIn(as: "anna's")
            try await heldRefresh(of: session).cancel()
            let end = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await client.shutDown()
            }
            await untilRefused(session)
            try await emulator.release()
            try await end.value
            try await expectSaved(generation: 2)
        }

        @Test func whatIsNotOverInTimeIsGivenUpAndItsCallerIsTold() async throws {
            let client = try Client()
            let session = try await nativeApp(client: client).loggedIn()
            let refresh = try await heldRefresh(of: session)
            let end = try #require(await grantlineError { try await client.shutDown(limit: .zero) })
            #expect(end.code == "cancelled" && end.fault == .cancelled)
            #expect(await grantlineError { try await refresh.value }?.code == "cancelled")
            try await emulator.release()
        }

        @Test func nothingIsHandedOutByAClientThatWasShutDown() async throws {
            let client = try Client()
            let session = try await nativeApp(client: client).loggedIn()
            _ = try await session.freshToken()
            try await client.shutDown()
            #expect(await grantlineError { try await session.freshToken() }?.code == "client_closed")
            #expect(await grantlineError { try await session.refresh() }?.code == "client_closed")
            #expect(await grantlineError { try await session.end() }?.code == "client_closed")
        }

        /// By URLSession, whose loop is in Swift: the requests under way have to outlive all that the application held.
        @Test func aClientThatNobodyHoldsAnyMoreFinishesWhatWasSent() async throws {
            let settings = Client.Settings(store: try .sqlite(folder.file("sessions.db")), sealingKeys: try TestKeys.ours())
            do {
                let client = try Client(settings, http: URLSessionPerformer())
                let session = try await nativeApp(client: client).loggedInLongAgo(as: "anna's")
                let before = try await emulator.arrived("isv_native")
                try await emulator.hold("isv_native")
                let caller = Task { try await session.freshToken() }
                try await emulator.waitForArrival("isv_native", count: before + 1)
                caller.cancel()
                await #expect(throws: CancellationError.self) { try await caller.value }
            }
            try await emulator.release()
            try await expectSaved(generation: 2)
        }

        /// A refresh that has reached the server, whose answer is held back.
        private func heldRefresh(of session: Session) async throws -> Task<AccessToken, any Error> {
            let before = try await emulator.arrived("isv_native")
            try await emulator.hold("isv_native")
            let refresh = Task { try await session.refresh() }
            try await emulator.waitForArrival("isv_native", count: before + 1)
            return refresh
        }

        /// The end of a client begins in another task.
        private func untilRefused(_ session: Session) async {
            while true {
                do { _ = try await session.freshToken() } catch {
                    #expect((error as? GrantlineError)?.code == "client_closed")
                    return
                }
                await Task.yield()
            }
        }

        private func expectSaved(generation: UInt64) async throws {
            let before = try await emulator.arrived("isv_native")
            let client = try clientOn(folder)
            let token = try await nativeApp(client: client).session("anna's").freshToken()
            #expect(token.generation == generation && token.isSaved)
            #expect(try await emulator.callAPI(token) == 200)
            #expect(try await emulator.arrived("isv_native") == before)
            try await client.shutDown()
        }
    }
}
