import Foundation
import Grantline
import Testing

extension AtTheEmulator {
    @Suite struct TypedErrors {
        private let emulator = Emulator.visma

        @Test(arguments: Emulator.both)
        func aWrongSecretIsTheSameErrorWhateverStatusItComesWith(_ emulator: Emulator) async throws {
            let app = try await serviceApp(at: emulator, secret: "wrong-secret")
            let error = try #require(await grantlineError { try await token(of: app) })
            #expect(error.code == "invalid_client")
            #expect(error.fault == .serverRefused && error.advice == .fixConfiguration)
            #expect(error.refusal?.error == "invalid_client")
            #expect(error.refusal?.status == (emulator.isVisma ? 400 : 401))
            #expect(!String(reflecting: error).contains("wrong-secret"))
        }

        @Test func aTenantThatHasNotApprovedIsRefusedWithThePortalsPage() async throws {
            let app = try await serviceApp(at: emulator)
            let error = try #require(
                await grantlineError { try await app.token(for: Known.stranger, scopes: ["visma_api:read"]) })
            #expect(error.code == "invalid_tenant" && error.advice == .askAdministrator)
            #expect(error.message.contains("My Applications > Integration > Customers"))
            #expect(error.message.contains("1-2 minutes"))
            #expect(error.localizedDescription == error.message)
        }

        @Test func aServerThatIsDownIsAConnectionThatFailed() async throws {
            let provider = try Provider.vismaConnect(at: "http://127.0.0.1:9")
            let app = try ServiceApp(
                Registration(provider, clientID: "isv_service", clientSecret: "service-secret"), client: Client())
            let error = try #require(await grantlineError { try await token(of: app) })
            #expect(error.code == "connect_failed" && error.fault == .transport && error.advice == .retry)
            #expect(error.message.contains("nothing was sent"))
        }

        @Test func aServerThatAnswersHtmlIsToldFromOneThatIsDown() async throws {
            try await emulator.reply(
                to: "isv_service", status: 200, contentType: "text/html", body: "<html>busy</html>")
            let app = try await serviceApp(at: emulator)
            let error = try #require(await grantlineError { try await token(of: app) })
            #expect(error.code == "not_json" && error.fault == .serverMisbehaved && error.advice == .fixConfiguration)
        }

        @Test func aServerThatIsSlowEndsAtTheClientsOwnTimeLimit() async throws {
            try await emulator.hold("isv_service")
            let app = try await serviceApp(at: emulator, client: Client(.init(httpTimeout: .seconds(2))))
            let error = try #require(await grantlineError { try await token(of: app) })
            try await emulator.release()
            #expect(error.code == "timed_out" && error.advice == .retry)
            #expect(error.message.contains("may have arrived"))
        }

        @Test func aServerThatIsBusySaysWhenToComeBack() async throws {
            let performer = ScriptedPerformer(
                503, headers: ["content-type": "text/plain", "retry-after": "7"], body: "busy")
            let app = try await serviceApp(at: emulator, client: Client(http: performer))
            let error = try #require(await grantlineError { try await token(of: app) })
            #expect(error.code == "server_unavailable" && error.advice == .retry)
            #expect(error.retryAfter == .seconds(7))
        }

        @Test func aRefusalBringsTheServersOwnWords() async throws {
            let words = #"{"error":"custom","error_description":"why","error_uri":"https://a.example/e","trace":[7]}"#
            try await emulator.reply(to: "isv_service", status: 400, body: words)
            let app = try await serviceApp(at: emulator)
            let error = try #require(await grantlineError { try await token(of: app) })
            let refusal = try #require(error.refusal)
            #expect(refusal.error == "custom" && refusal.errorDescription == "why" && refusal.status == 400)
            #expect(refusal.errorURI == "https://a.example/e")
            #expect(try JSON(text: refusal.members) == JSON(text: #"{"trace":[7]}"#))
        }

        private func token(of app: ServiceApp) async throws -> AccessToken {
            try await app.token(for: Known.bakery, scopes: ["visma_api:read"])
        }
    }
}
