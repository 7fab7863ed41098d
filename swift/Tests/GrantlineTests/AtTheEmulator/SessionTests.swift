import Foundation
import Grantline
import Testing

extension AtTheEmulator {
    @Suite struct Sessions {
        private let emulator = Emulator.visma

        @Test(arguments: Emulator.both)
        func aSessionRefreshesWithARotatedTokenEachTime(_ emulator: Emulator) async throws {
            let session = try await WebLogin(at: emulator).complete().session
            let before = try await emulator.arrived("isv_web")
            let first = try await session.freshToken()
            let second = try await session.refresh()
            let third = try await session.refresh()
            #expect(first.generation < second.generation && second.generation < third.generation)
            #expect(try await session.freshToken() == third)
            #expect(try await emulator.arrived("isv_web") == before + 2)
        }

        @Test func aRefreshThroughOneHandleIsSeenByTheOthers() async throws {
            let login = try await WebLogin(at: emulator)
            let one = try await login.complete().session
            let other = try login.app.session(one.id)
            let old = try await other.freshToken()
            let new = try await one.refresh()
            #expect(old != new)
            #expect(try await other.freshToken() == new)
        }

        @Test func aCancelledRefreshGoesOnAndItsTokenIsFound() async throws {
            let session = try await WebLogin(at: emulator).complete().session
            let old = try await session.freshToken()
            let before = try await emulator.arrived("isv_web")
            try await emulator.hold("isv_web")
            let caller = Task { try await session.refresh() }
            try await emulator.waitForArrival("isv_web", count: before + 1)
            caller.cancel()
            await #expect(throws: CancellationError.self) { try await caller.value }
            try await emulator.release()
            var found = try await session.freshToken()
            while found == old {
                await Task.yield()
                found = try await session.freshToken()
            }
            #expect(found.generation == old.generation + 1)
            #expect(try await emulator.arrived("isv_web") == before + 1)
        }

        @Test func aServerThatIsBusyLosesNothingAndARefusalEndsTheSession() async throws {
            let session = try await WebLogin(at: emulator).complete().session
            // A 503 that names a time has spent nothing.
            try await emulator.script([
                "path": "/connect/token", "client_id": "isv_web", "status": 503, "headers": ["retry-after": "0"],
            ])
            #expect(await grantlineError { try await session.refresh() }?.code == "server_unavailable")
            _ = try await session.refresh()
            try await emulator.reply(to: "isv_web", status: 400, body: #"{"error":"invalid_grant"}"#)
            #expect(await grantlineError { try await session.refresh() }?.code == "invalid_grant")
            let ended = try #require(await grantlineError { try await session.freshToken() })
            #expect(ended.code == "session_ended" && ended.advice == .logInAgain)
        }

        @Test func aTokenThatAnAPIRefusedIsHandedOutByNoHandleOnItsSession() async throws {
            let app = try await nativeApp()
            let session = try await app.loggedIn()
            let other = try app.session(session.id)
            let refused = try await session.freshToken()
            #expect(try await other.freshToken() == refused)
            let before = try await emulator.arrived("isv_native")
            session.invalidate(refused)
            let later = try await other.freshToken()
            #expect(later.generation == refused.generation + 1)
            #expect(try await session.freshToken() == later)
            // There is a later one already.
            other.invalidate(refused)
            #expect(try await session.freshToken() == later)
            #expect(try await emulator.arrived("isv_native") == before + 1)
        }

        @Test func aSessionsEndIsKnownToAllItsHandles() async throws {
            let app = try await nativeApp()
            let session = try await app.loggedIn()
            let other = try app.session(session.id)
            let token = try await other.freshToken()
            #expect(try await session.end() == .done)
            #expect(await grantlineError { try await other.freshToken() }?.code == "session_ended")
            #expect(try await other.end() == .nothingToRevoke)
            #expect(!token.exposeSecret().isEmpty)
        }

        @Test func aServerThatCannotBeToldOfTheEndIsNamedAndTheSessionIsOver() async throws {
            let session = try await nativeApp().loggedIn()
            try await emulator.script(["path": "/connect/revocation", "status": 503, "body": "{}"])
            guard case .failed(let error) = try await session.end() else {
                Issue.record("the server was told")
                return
            }
            #expect(error.code == "server_unavailable")
            #expect(await grantlineError { try await session.freshToken() }?.code == "session_ended")
        }

        @Test func aNewLoginToASessionIsKnownToAllItsHandles() async throws {
            let app = try await nativeApp()
            let old = try await app.loggedIn(as: "anna's phone")
            _ = try await old.freshToken()
            let new = try await app.loggedIn(as: "anna's phone").freshToken()
            #expect(try await old.freshToken() == new)
        }

        @Test func aSessionThatNobodyBeganIsUnknown() async throws {
            let session = try await WebLogin.app(at: emulator).session("nobody")
            let error = try #require(await grantlineError { try await session.freshToken() })
            #expect(error.code == "session_unknown" && error.advice == .logInAgain)
        }
    }
}
