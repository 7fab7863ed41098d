import Foundation
import Testing

@testable import Grantline

extension AtTheEmulator {
    /// Stores of the application, good ones and bad ones.
    @Suite struct ApplicationStores {
        private let emulator = Emulator.visma

        @Test func aBlobStoreKeepsASessionBeyondItsClient() async throws {
            let blobs = MemoryBlobs()
            let first = try await expectItLives { .blobs(blobs) }
            let kept = blobs.kept.with { Array($0.values) }
            #expect(!kept.isEmpty && kept.allSatisfy { $0.range(of: Data(first.exposeSecret().utf8)) == nil })
        }

        @Test func aBlobStoreInFilesKeepsASessionBeyondItsClient() async throws {
            let folder = try Folder()
            try await expectItLives { .blobs(FileBlobs(folder: folder)) }
        }

        @Test func aSharedStoreKeepsASessionBeyondItsClient() async throws {
            let shared = MemoryShared()
            try await expectItLives { .shared(shared) }
        }

        @discardableResult
        private func expectItLives(in store: () -> Store) async throws -> AccessToken {
            let one = try clientOn(store())
            let first = try await nativeApp(client: one).loggedIn(as: "anna's").freshToken()
            try await one.shutDown()
            let other = try clientOn(store())
            let session = try await nativeApp(client: other).session("anna's")
            #expect(try await session.freshToken() == first)
            #expect(try await emulator.callAPI(session.refresh()) == 200)
            try await other.shutDown()
            return first
        }

        @Test func aTokenThatWasAskedForBeforeAStoreKnewOfItsSessionsEndIsNotHandedOutBeyondThat() async throws {
            let blobs = MemoryBlobs()
            let client = try clientOn(.blobs(blobs))
            let app = try await nativeApp(client: client)
            let (session, other) = (try await app.loggedIn(as: "anna's"), try app.session("anna's"))
            let events = client.events()
            let gate = Gate()
            blobs.doBeforeSaving { await gate.pass() }
            try await emulator.hold("isv_native", path: "/connect/revocation")
            let ending = Task { try await session.end() }
            await gate.arrival()
            _ = try await other.freshToken()
            await gate.open()
            #expect(await events.contains { if case .sessionEnded = $0 { true } else { false } })
            // The server has not answered yet.
            #expect(await grantlineError { try await other.freshToken() }?.code == "session_ended")
            try await emulator.release()
            #expect(try await ending.value == .done)
            try await client.shutDown()
        }

        @Test func aSessionWhoseEndTheStoreDoesNotTakeGoesOnForAllItsHandles() async throws {
            let blobs = MemoryBlobs()
            let client = try clientOn(.blobs(blobs))
            let app = try await nativeApp(client: client)
            let (session, other) = (try await app.loggedIn(as: "anna's"), try app.session("anna's"))
            let token = try await session.freshToken()
            blobs.doBeforeSaving { throw StoreFailure(.full, detail: "no room") }
            #expect(await grantlineError { try await session.end() }?.code == "store_full")
            #expect(try await other.freshToken() == token)
            blobs.takeAll()
            try await client.shutDown()
        }

        @Test func twoClientsMayShareOneStore() async throws {
            let store = Store.blobs(MemoryBlobs())
            let first = try await nativeApp(client: clientOn(store)).loggedIn(as: "anna's").freshToken()
            #expect(try await nativeApp(client: clientOn(store)).session("anna's").freshToken() == first)
        }

        @Test(arguments: StoreFailure.Kind.allCases)
        func aStoresOwnFailureKeepsItsKind(_ kind: StoreFailure.Kind) async throws {
            for error in try await failures(loading: { throw StoreFailure(kind, detail: "as it was told") }) {
                #expect(error.code == "store_\(kind.rawValue)" && error.fault == .store)
                #expect(error.message.contains("as it was told"))
            }
        }

        @Test func aStoreThatThrowsAnythingElseHasMisbehavedAndItsWordsStayWithIt() async throws {
            struct Broken: Error {
                let password = "s3cret"
            }
            for error in try await failures(loading: { throw Broken() }) {
                #expect(error.code == "store_misbehaved" && error.advice == .reportBug)
                #expect(error.message.contains("Broken"))
                #expect(!String(reflecting: error).contains("s3cret"))
            }
        }

        @Test func aStoreThatHangsHoldsNobodyUpForLong() async throws {
            let never = AsyncStream<Never>.makeStream()
            for error in try await failures(loading: { for await _ in never.stream {} }) {
                #expect(error.code == "store_unavailable" && error.advice == .retry)
            }
            never.continuation.finish()
        }

        @Test func aStoreThatHangsTakesNoTokenFromWhoeverHasOneInMemory() async throws {
            let gate = AsyncStream<Never>.makeStream()
            let isOpen = Locked(true)
            let blobs = MemoryBlobs(loading: { if !isOpen.with({ $0 }) { for await _ in gate.stream {} } })
            let session = try await nativeApp(client: clientOn(.blobs(blobs))).loggedIn(as: "anna's")
            isOpen.with { $0 = false }
            #expect(try await emulator.callAPI(session.freshToken()) == 200)
            gate.continuation.finish()
        }

        @Test func whatAStoreThatHangsDoesNotTakeIsHandedOutAndSavedLater() async throws {
            let (blobs, gate) = (MemoryBlobs(), AsyncStream<Never>.makeStream())
            let client = try clientOn(.blobs(blobs))
            let session = try await nativeApp(client: client).loggedIn(as: "anna's")
            blobs.takeOnlyTheMark(otherwise: { for await _ in gate.stream {} })
            let second = try await session.refresh()
            #expect(!second.isSaved)
            #expect(try await emulator.callAPI(second) == 200)
            gate.continuation.finish()
            try await client.shutDown()
            let token = try await nativeApp(client: clientOn(.blobs(blobs))).session("anna's").freshToken()
            #expect(token == second && token.isSaved)
        }

        @Test func aCallerThatLeavesAHangingStoreDoesSoAtOnce() async throws {
            let (asked, gate) = (AsyncStream<Void>.makeStream(), AsyncStream<Never>.makeStream())
            let blobs = MemoryBlobs(loading: {
                asked.continuation.finish()
                for await _ in gate.stream {}
            })
            let session = try await nativeApp(client: clientOn(.blobs(blobs))).session("anna's")
            let caller = Task { try await session.freshToken() }
            for await _ in asked.stream {}
            caller.cancel()
            await #expect(throws: CancellationError.self) { try await caller.value }
            gate.continuation.finish()
        }

        @Test func aStoreThatAnswersNonsenseIsToldSoAndNothingIsDeleted() async throws {
            let blobs = MemoryBlobs()
            let writer = try clientOn(.blobs(blobs))
            _ = try await nativeApp(client: writer).loggedIn(as: "anna's")
            try await writer.shutDown()
            let whole = blobs.kept.with { $0 }
            blobs.kept.with { $0 = $0.mapValues { $0.prefix($0.count / 2) } }
            let session = try await nativeApp(client: clientOn(.blobs(blobs))).session("anna's")
            #expect(await grantlineError { try await session.freshToken() }?.code == "store_damaged")
            #expect(blobs.kept.with { Set($0.keys) } == Set(whole.keys))
            blobs.kept.with { $0 = whole }
            #expect(try await emulator.callAPI(session.freshToken()) == 200)
        }

        @Test func aSharedStoreThatAnswersNonsenseIsToldSo() async throws {
            struct Nonsense: SharedStore {
                func load(_ name: String) -> Snapshot { Snapshot(clockMilliseconds: -1, kept: nil) }
                func replace(_ name: String, expected: String?, _ bytes: Data) -> Bool { false }
                func delete(_ name: String, expected: String) -> Bool { false }
                func list(_ prefix: String, after: String?, limit: Int) -> [String] { ["\(prefix)b", "\(prefix)a"] }
            }
            let app = try await nativeApp(client: clientOn(.shared(Nonsense())))
            let session = try app.session("anna's")
            #expect(await grantlineError { try await session.freshToken() }?.code == "store_misbehaved")
            let listed = await grantlineError { for try await _ in app.sessions() {} }
            #expect(listed?.code == "store_misbehaved")
        }

        @Test func whatAFullStoreDoesNotTakeIsHandedOutAndSavedLater() async throws {
            let blobs = MemoryBlobs()
            let client = try clientOn(.blobs(blobs))
            let session = try await nativeApp(client: client).loggedIn(as: "anna's")
            blobs.takeOnlyTheMark()
            let second = try await session.refresh()
            #expect(!second.isSaved)
            #expect(try await emulator.callAPI(second) == 200)
            #expect(try await session.freshToken() == second)
            blobs.takeAll()
            // It tries once more.
            try await client.shutDown()
            let token = try await nativeApp(client: clientOn(.blobs(blobs))).session("anna's").freshToken()
            #expect(token == second && token.isSaved)
        }

        @Test func aLoginThatCannotBeSavedIsNoLogin() async throws {
            let blobs = MemoryBlobs(saving: { throw StoreFailure(.denied, detail: "locked") })
            let app = try await nativeApp(client: clientOn(.blobs(blobs)))
            #expect(await grantlineError { try await app.loggedIn(as: "anna's") }?.code == "store_denied")
        }

        /// What a session of a blob store ends with, and one of a shared store.
        private func failures(loading: @escaping MemoryBlobs.Hook) async throws -> [GrantlineError] {
            let stores = [Store.blobs(MemoryBlobs(loading: loading)), .shared(MemoryShared(loading: loading))]
            var errors: [GrantlineError] = []
            for store in stores {
                let session = try await nativeApp(client: clientOn(store)).session("anna's")
                errors.append(try #require(await grantlineError { try await session.freshToken() }))
            }
            return errors
        }
    }
}
