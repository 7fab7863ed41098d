import Foundation
import Grantline
import Testing

#if canImport(FoundationNetworking)
    extension AtTheEmulator {
        /// What the contract's cases do not ask, and a server may well send.
        @Suite struct BareChallenges {
            /// FoundationNetworking of Swift 6.0 ends the process while it reads a challenge that is a scheme only. Nothing
            /// can be done about it from outside, so the documentation advises against `URLSession` on Linux.
            @Test(arguments: ["Basic realm=\"a\"", "Bearer error=\"invalid_token\"", "Basic", "DPoP"])
            func aRefusalIsReadWhateverItsChallenge(_ challenge: String) async throws {
                let emulator = Emulator.visma
                try await emulator.script([
                    "path": "/connect/token", "status": 401, "body": "{}", "headers": ["www-authenticate": challenge],
                ])
                let request = HttpRequest(
                    method: "POST", url: "\(emulator.url)/connect/token", timeout: .seconds(5))
                let end = try await ContractCase.run(request, until: "\(emulator.url)/admin/clock")
                withKnownIssue("FoundationNetworking ends the process", isIntermittent: true) {
                    #expect(end.outcome == "status 401")
                } matching: { _ in
                    !challenge.contains("=") && end.wasKilled && end.outcome.isEmpty
                }
            }
        }
    }
#endif
