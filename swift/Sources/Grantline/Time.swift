import Foundation

extension Duration {
    init(milliseconds: UInt64) {
        self = .milliseconds(Int64(clamping: milliseconds))
    }

    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }

    /// Whole milliseconds, rounded up; none below zero.
    var wholeMilliseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let milliseconds = UInt64(seconds).multipliedReportingOverflow(by: 1000)
        guard !milliseconds.overflow else { return .max }
        return milliseconds.partialValue + UInt64((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}

extension Date {
    init(unixMilliseconds: UInt64) {
        self.init(timeIntervalSince1970: Double(unixMilliseconds) / 1000)
    }

    /// None before 1970.
    var unixMilliseconds: UInt64 {
        let milliseconds = (timeIntervalSince1970 * 1000).rounded()
        return milliseconds > 0 ? UInt64(exactly: milliseconds) ?? .max : 0
    }
}
