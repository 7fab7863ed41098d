import Foundation
import Testing

@testable import Grantline

/// An emulator that tells an application what happens, and the place where it is told. Its process is ended by nobody else.
final class Notifier: @unchecked Sendable {
    static let webhookSecret = "of-the-webhook"

    let emulator: Emulator
    private let receiver: ApiServer
    private let child: Process
    private let folder: Folder

    init() throws {
        receiver = try ApiServer()
        folder = try Folder()
        let config = folder.file("emulator.toml")
        try Self.config(telling: "\(receiver.url)/told").write(toFile: config, atomically: true, encoding: .utf8)
        let (child, output) = try Self.start(["--port", "0", "--config", config])
        self.child = child
        var lines = ""
        while lines.firstMatch(of: /ready (\S+)\n/) == nil {
            let data = output.fileHandleForReading.availableData
            try #require(!data.isEmpty, "the emulator ended")
            lines += String(decoding: data, as: UTF8.self)
        }
        let url = try #require(lines.firstMatch(of: /ready (\S+)\n/)).1
        emulator = Emulator(url: String(url), isVisma: true)
    }

    deinit {
        // Foundation starts it with the signals blocked that the test's own thread blocks, SIGTERM among them.
        kill(child.processIdentifier, SIGKILL)
    }

    /// The last that the application was told; the emulator answers once it has been.
    func told() throws -> ApiServer.Arrival {
        try #require(receiver.arrivals.last)
    }

    /// The built-in one, with two addresses more.
    private static func config(telling url: String) throws -> String {
        let (_, output) = try start(["--print-config"])
        let builtIn = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let (web, service) = ("\nclient_id = \"isv_web\"\n", "\nclient_id = \"isv_service\"\n")
        let webhook = "webhook_url = \"\(url)\"\nwebhook_secret = \"\(webhookSecret)\"\n"
        return builtIn.replacingOccurrences(of: web, with: "\(web)backchannel_logout_uri = \"\(url)\"\n")
            .replacingOccurrences(of: service, with: service + webhook)
    }

    private static func start(_ arguments: [String]) throws -> (Process, Pipe) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Surroundings.program)
        process.arguments = ["emulator"] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        return (process, output)
    }
}
