import Foundation
import Grantline
import Testing

/// The contract of stores, run on stores of an application.
@Suite(.timeLimit(.minutes(2))) struct StoreContractTests {
    @Test func aBlobStoreInSwiftKeepsTheContract() async throws {
        let report = await StoreContract.check(MemoryBlobs())
        try report.requireKept()
        #expect(report.kept > 40, "\(report)")
    }

    @Test func aBlobStoreInFilesKeepsTheContract() async throws {
        try await StoreContract.check(FileBlobs(folder: Folder())).requireKept()
    }

    @Test func aSharedStoreInSwiftKeepsTheContract() async throws {
        let report = await StoreContract.check(MemoryShared())
        try report.requireKept()
        #expect(report.kept > 40, "\(report)")
    }

    @Test func aStoreThatForgetsToLookAtTheVersionBreaksRulesWhichAreNamed() async throws {
        let report = await StoreContract.check(MemoryShared(isCareless: true))
        #expect(!report.broken.isEmpty)
        #expect { try report.requireKept() } throws: { failure in
            report.broken.allSatisfy { "\(failure)".contains("\($0.rule): \($0.how)") }
        }
    }

    @Test func aStoreThatNobodyHasAnyMoreIsLetGo() async throws {
        weak var gone: MemoryBlobs?
        do {
            let blobs = MemoryBlobs()
            gone = blobs
            _ = await StoreContract.check(blobs)
        }
        // Its loop ends by itself, and with it the last holder.
        while gone != nil { await Task.yield() }
    }
}
