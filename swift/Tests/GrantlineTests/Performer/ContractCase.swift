import Foundation
import Grantline

/// One request, performed in a process of its own.
enum ContractCase {
    struct End: Sendable {
        /// What it printed: the outcome.
        let line: String
        /// Whether a signal ended it.
        let wasKilled: Bool
    }

    static func run(_ request: HttpRequest) async throws -> End {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("contract-case")
        process.arguments = [request.url, "\(request.timeout.components.seconds * 1000)"]
        process.environment = ["SWIFT_BACKTRACE": "enable=no"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { process in
                let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                let line = text.trimmingCharacters(in: .whitespacesAndNewlines)
                continuation.resume(returning: End(line: line, wasKilled: process.terminationReason == .uncaughtSignal))
            }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }
}

/// The memory of this process.
enum Memory {
    /// Bytes resident now; 0 where the system does not say.
    static var resident: Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
    }
}
