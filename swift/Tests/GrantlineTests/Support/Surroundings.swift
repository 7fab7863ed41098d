import Foundation
import Testing

/// What `cargo xtask test swift` tells the tests. Without it they fail and say so; none is skipped.
enum Surroundings {
    static let emulator = url("GRANTLINE_EMULATOR_URL")
    static let standardEmulator = url("GRANTLINE_EMULATOR_STANDARD_URL")
    static let faultServer = url("GRANTLINE_FAULT_SERVER_URL")
    static let vectors = url("GRANTLINE_VECTORS")
    /// The program `grantline`, for an emulator with a configuration of its own.
    static let program = url("GRANTLINE_PROGRAM")

    private static func url(_ name: String) -> String {
        guard let value = ProcessInfo.processInfo.environment[name] else {
            fatalError("\(name) is not set: run these tests by `cargo xtask test swift`")
        }
        return value
    }
}

/// One case of a file of cases, shown by its name.
struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let data: JSON
    /// The whole file, for what its cases have in common.
    let file: JSON

    var testDescription: String { name }

    subscript(_ member: String) -> JSON? { data[member] }

    /// The cases of a file of tests/vectors.
    static func all(in file: String, server: String = "") -> [Case] {
        do {
            let path = "\(Surroundings.vectors)/\(file)"
            let text = try String(contentsOfFile: path, encoding: .utf8).replacingOccurrences(of: "{server}", with: server)
            let file = try JSON(text: text)
            guard file["schema"]?.int == 1, let cases = file["cases"]?.array, !cases.isEmpty else {
                fatalError("\(path) is not of schema 1, or has no cases")
            }
            return cases.map { Case(name: $0["name"]?.string ?? "?", data: $0, file: file) }
        } catch {
            fatalError("cannot read the cases of \(file): \(error)")
        }
    }
}
