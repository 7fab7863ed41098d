import Foundation
import Grantline
import Testing

extension AtTheEmulator {
    @Suite struct ServiceTokens {
        private let emulator = Emulator.visma

        @Test(arguments: Emulator.both)
        func eachTenantHasATokenOfItsOwnThatIsAskedForOnce(_ emulator: Emulator) async throws {
            let app = try await serviceApp(at: emulator)
            let before = try await emulator.arrived("isv_service")
            let bakery = try await app.token(for: Known.bakery, scopes: ["visma_api:read"])
            let again = try await app.token(for: Known.bakery, scopes: ["visma_api:read"])
            let shipping = try await app.token(for: Known.shipping, scopes: ["visma_api:read"])
            #expect(bakery == again)
            #expect(bakery.exposeSecret() != shipping.exposeSecret())
            #expect(bakery.scopes == ["visma_api:read"])
            #expect(try #require(bakery.expiresAt) > Date(timeIntervalSinceNow: 3000))
            #expect(try await emulator.arrived("isv_service") == before + 2)
        }

        @Test func aDefaultTenantAndNoTenantAreAskedForInWords() async throws {
            let byDefault = try await serviceApp(at: emulator, "isv_service_default", "service-default-secret")
            let token = try await byDefault.token(for: .defaultTenant, scopes: .allAllowed)
            #expect(Set(token.scopes) == ["visma_api:read", "visma_api:write"])
            let without = try await serviceApp(at: emulator, "isv_service_no_tenant", "service-no-tenant-secret")
            let publicToken = try await without.token(for: .noTenant, scopes: ["public_registry:read"])
            #expect(publicToken.scopes == ["public_registry:read"])
        }

        @Test func aRefreshGivesALaterToken() async throws {
            let source = try await serviceApp(at: emulator).tokenSource(for: Known.bakery, scopes: ["visma_api:read"])
            let first = try await source.freshToken()
            let second = try await source.refresh()
            #expect(first.exposeSecret() != second.exposeSecret())
            #expect(try await source.freshToken() == second)
        }

        @Test func aTokenThatAnAPIRefusedIsHandedOutByNoHandleOnIt() async throws {
            let app = try await serviceApp(at: emulator)
            let source = try app.tokenSource(for: Known.shipping, scopes: ["visma_api:read"])
            let refused = try await source.freshToken()
            #expect(try await app.token(for: Known.shipping, scopes: ["visma_api:read"]) == refused)
            source.invalidate(refused)
            let later = try await app.token(for: Known.shipping, scopes: ["visma_api:read"])
            #expect(later.generation > refused.generation)
            #expect(try await source.freshToken() == later)
        }

        @Test func aTokenThatIsDeadOnArrivalIsNotHandedOutAgain() async throws {
            let app = try await serviceApp(at: emulator)
            let short = #"{"access_token":"short","token_type":"Bearer","expires_in":0}"#
            try await emulator.reply(to: "isv_service", status: 200, body: short)
            #expect(try await app.token(for: Known.bakery, scopes: ["visma_api:read"]).exposeSecret() == "short")
            #expect(try await app.token(for: Known.bakery, scopes: ["visma_api:read"]).exposeSecret() != "short")
        }

        @Test func anApplicationThatWasGivenNoClientUsesTheOneOfTheProcess() async throws {
            let registration = Registration(
                try await emulator.provider(), clientID: "isv_service", clientSecret: "service-secret")
            let before = try await emulator.arrived("isv_service")
            for _ in 1...2 {
                _ = try await ServiceApp(registration).token(for: Known.bakery, scopes: ["visma_api:write"])
            }
            #expect(try await emulator.arrived("isv_service") == before + 1)
        }

        @Test func urlSessionSendsTheRequestForAClientThatLeavesHttpToIt() async throws {
            let client = try Client(http: URLSessionPerformer())
            for emulator in Emulator.both {
                let app = try await serviceApp(at: emulator, client: client)
                let token = try await app.token(for: Known.bakery, scopes: ["visma_api:read"])
                #expect(token.scopes == ["visma_api:read"])
                let wrong = try await serviceApp(at: emulator, secret: "wrong", client: client)
                let error = await grantlineError { try await wrong.token(for: Known.shipping, scopes: ["visma_api:read"]) }
                #expect(error?.code == "invalid_client")
            }
            try await client.shutDown()
        }
    }
}

/// The service of the emulators' configuration, with a client of its own.
func serviceApp(
    at emulator: Emulator, _ clientID: String = "isv_service", _ secret: String = "service-secret",
    client: Client? = nil
) async throws -> ServiceApp {
    let registration = Registration(try await emulator.provider(), clientID: clientID, clientSecret: secret)
    return try ServiceApp(registration, client: try client ?? Client())
}

func serviceApp(at emulator: Emulator, secret: String, client: Client? = nil) async throws -> ServiceApp {
    try await serviceApp(at: emulator, "isv_service", secret, client: client)
}

/// The error that the call ends with; another kind of error, or none, is recorded as an issue.
func grantlineError<Value>(
    _ call: () async throws -> Value, sourceLocation: SourceLocation = #_sourceLocation
) async -> GrantlineError? {
    do {
        _ = try await call()
        Issue.record("it succeeded", sourceLocation: sourceLocation)
    } catch let error as GrantlineError {
        return error
    } catch {
        Issue.record("\(error) is no GrantlineError", sourceLocation: sourceLocation)
    }
    return nil
}
