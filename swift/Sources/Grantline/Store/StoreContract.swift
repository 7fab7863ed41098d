internal import GrantlineGenerated

/// The contract of stores, for whoever writes one: run it in a test of one's own.
///
/// ```swift
/// try await StoreContract.check(OurTable(database)).requireKept()
/// ```
///
/// It needs no empty store: it works under names that nobody else has, and removes what it wrote.
public enum StoreContract {
    /// Goes through all rules for a store that one process uses at a time.
    public static func check(_ store: some BlobStore) async -> StoreReport {
        await check(Store.blobs(store))
    }

    /// Goes through all rules for a store that processes share.
    public static func check(_ store: some SharedStore) async -> StoreReport {
        await check(Store.shared(store))
    }

    private static func check(_ store: Store) async -> StoreReport {
        let report = await store.native.check()
        return StoreReport(
            kept: Int(report.kept), broken: report.broken.map { BrokenRule(rule: $0.rule, how: $0.how) })
    }
}

/// What came of a check.
public struct StoreReport: Sendable, Equatable, CustomStringConvertible {
    /// How many rules were kept.
    public let kept: Int
    /// The rules that were broken.
    public let broken: [BrokenRule]

    /// Passes only if every rule was kept.
    ///
    /// - Throws: ``BrokenContract``, which names each rule that was broken.
    public func requireKept() throws {
        if !broken.isEmpty { throw BrokenContract(report: self) }
    }

    public var description: String {
        (["\(kept) rules of the store contract were kept, \(broken.count) broken"] + broken.map(\.description))
            .joined(separator: "\n")
    }
}

/// A rule that a store broke.
public struct BrokenRule: Sendable, Equatable, CustomStringConvertible {
    /// The rule, as a sentence.
    public let rule: String
    /// What was expected, and what came.
    public let how: String

    public var description: String { "- \(rule): \(how)" }
}

/// A store broke rules of the contract.
public struct BrokenContract: Error, Sendable, CustomStringConvertible {
    /// Which.
    public let report: StoreReport

    public var description: String { report.description }
}
