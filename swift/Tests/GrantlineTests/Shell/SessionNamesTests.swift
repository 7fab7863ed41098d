import Foundation
import Testing

@testable import Grantline

/// The names of sessions, read in pages.
@Suite struct SessionNamesTests {
    @Test(arguments: [(0, 1), (499, 1), (500, 2), (1201, 3)])
    func allAreReadAndAShorterPageIsTheLast(_ count: Int, _ pages: Int) async throws {
        let all = (0..<count).map { String(format: "%04d", $0) }
        let asked = Locked(0)
        let names = SessionNames { after, limit in
            asked.with { $0 += 1 }
            return Array(all.drop { name in after.map { name <= $0 } ?? false }.prefix(Int(limit)))
        }
        var read: [String] = []
        for try await name in names { read.append(name) }
        #expect(read == all)
        #expect(asked.with { $0 } == pages)
    }
}
