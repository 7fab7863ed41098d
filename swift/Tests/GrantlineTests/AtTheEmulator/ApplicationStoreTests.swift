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

        @Test func twoClientsMayShareOneStore() async throws {
            let store = Store.blobs(MemoryBlobs())
            let first = try await nativeApp(client: clientOn(store)).loggedIn(as: "anna's").freshToken()
            #expect(try await nativeApp(client: clientOn(store)).session("anna's").freshToken() == first)
        }

        @Test(arguments: StoreFailure.Kind.allCases)
        func aStoresOwnFailureKeepsItsKind(_ kind: StoreFailure.Kind) async throws {
            let error = try await failure(of: MemoryBlobs(loading: { throw StoreFailure(kind, detail: "as it was told") }))
            #expect(error.code == "store_\(kind.rawValue)" && error.fault == .store)
            #expect(error.message.contains("as it was told"))
        }

        @Test func aStoreThatThrowsAnythingElseHasMisbehavedAndItsWordsStayWithIt() async throws {
            struct Locked: Error {
                let password = "s3cret"
            }
            let error = try await failure(of: MemoryBlobs(loading: { throw Locked() }))
            #expect(error.code == "store_misbehaved" && error.advice == .reportBug)
            #expect(error.message.contains("Locked"))
            #expect(!String(reflecting: error).contains("s3cret"))
        }

        @Test func aStoreThatHangsHoldsNobodyUpForLong() async throws {
            let never = AsyncStream<Never>.makeStream()
            let error = try await failure(of: MemoryBlobs(loading: { for await _ in never.stream {} }))
            #expect(error.code == "store_unavailable" && error.advice == .retry)
            never.continuation.finish()
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

        @Test func aClockBeforeItsBeginningIsNonsense() async throws {
            struct Early: SharedStore {
                func load(_ name: String) -> Snapshot { Snapshot(clockMilliseconds: -1, kept: nil) }
                func replace(_ name: String, expected: String?, _ bytes: Data) -> Bool { false }
                func delete(_ name: String, expected: String) -> Bool { false }
                func list(_ prefix: String, after: String?, limit: Int) -> [String] { [] }
            }
            let session = try await nativeApp(client: clientOn(.shared(Early()))).session("anna's")
            #expect(await grantlineError { try await session.freshToken() }?.code == "store_misbehaved")
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

        private func failure(of blobs: MemoryBlobs) async throws -> GrantlineError {
            let session = try await nativeApp(client: clientOn(.blobs(blobs))).session("anna's")
            return try #require(await grantlineError { try await session.freshToken() })
        }
    }
}
