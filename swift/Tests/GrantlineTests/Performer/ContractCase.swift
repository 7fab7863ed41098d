import Foundation
import Grantline

/// One request, performed in a process of its own.
enum ContractCase {
    struct End: Sendable {
        /// The outcome, as `kind sent` or `status code`; empty if the process did not live to tell.
        let outcome: String
        /// The most memory that the process took, in bytes.
        let peak: Int
        /// Whether a signal ended it.
        let wasKilled: Bool
    }

    /// - Parameter end: a URL that answers once the server has done with the request.
    static func run(_ request: HttpRequest, until end: String) async throws -> End {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("contract-case")
        process.arguments = [request.url, "\(Int(request.timeout / .milliseconds(1)))", end]
        process.environment = ["SWIFT_BACKTRACE": "enable=no"]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        return try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { process in
                let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
                let lines = text.split(separator: "\n")
                continuation.resume(
                    returning: End(
                        outcome: lines.first.map(String.init) ?? "", peak: lines.last.flatMap { Int($0) } ?? 0,
                        wasKilled: process.terminationReason == .uncaughtSignal))
            }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
    }
}
