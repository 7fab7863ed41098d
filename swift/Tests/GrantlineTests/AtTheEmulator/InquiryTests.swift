import Foundation
import Grantline
import Testing

extension AtTheEmulator {
    /// What a provider says of users, tokens and tenants.
    @Suite struct InquiryTests {
        private let profile: Scopes = ["openid", "profile", "offline_access"]

        private func serviceApp(_ emulator: Emulator, _ id: String, _ secret: String) async throws -> ServiceApp {
            try ServiceApp(
                Registration(try await emulator.provider(), clientID: id, clientSecret: secret), client: Client())
        }

        @Test(arguments: Emulator.both)
        func userinfoAndTheSessionItselfNameTheUserOfTheIDToken(_ emulator: Emulator) async throws {
            let app = try await WebLogin.app(at: emulator)
            let done = try await app.logIn(profile)
            let answer = try await done.session.userInfo()
            #expect(answer.subject == done.identity?.subject)
            #expect(answer.claim("name") == .string("Anna Berg") && answer.claims["name"] == .string("Anna Berg"))
            #expect(!"\(answer)".contains("Anna"))
            #expect(try await done.session.identity()?.subject == answer.subject)
            #expect(try await app.logIn(["visma_api:read"]).session.identity() == nil)
        }

        @Test(arguments: Emulator.both)
        func userinfoAboutSomebodyElseIsNotUsed(_ emulator: Emulator) async throws {
            let session = try await WebLogin.app(at: emulator).logIn(profile).session
            try await emulator.fault("userinfo", "other-subject")
            #expect(await grantlineError { try await session.userInfo() }?.code == "user_info_subject_mismatch")
        }

        @Test(arguments: Emulator.both)
        func introspectionTellsWhetherATokenIsGood(_ emulator: Emulator) async throws {
            let app = try await WebLogin.app(at: emulator)
            let done = try await app.logIn()
            let answer = try await app.introspect(try await done.session.freshToken().exposeSecret())
            #expect(answer.isActive && answer.clientID == "isv_web" && answer.expiresAt != nil)
            #expect(answer.subject == done.identity?.subject)
            #expect(answer.scopes?.contains("visma_api:read") == true)
            #expect(answer.member("client_id") == answer.members["client_id"])
            #expect(!"\(answer)".contains(try #require(answer.subject)))
            let unknown = try await app.introspect("nobody's")
            #expect(!unknown.isActive && unknown.members.isEmpty)
            let service = try await serviceApp(emulator, "isv_service", "service-secret")
            let token = try await service.token(for: Known.bakery, scopes: ["visma_api:read"])
            #expect(try await service.introspect(token.exposeSecret()).isActive)
        }

        @Test func aTokenForAnotherTenantIsNotUsed() async throws {
            try await Emulator.visma.fault("access-token", "other-tenant")
            let service = try await serviceApp(.visma, "isv_service", "service-secret")
            let other = await grantlineError { try await service.token(for: Known.bakery, scopes: ["visma_api:read"]) }
            #expect(other?.code == "tenant_mismatch")
            let byDefault = try await serviceApp(.visma, "isv_service_default", "service-default-secret")
            let named = await grantlineError { try await byDefault.token(for: .noTenant, scopes: ["visma_api:read"]) }
            #expect(named?.code == "tenant_mismatch" && named?.advice == .fixConfiguration)
        }

        @Test func aLookIntoATokenVerifiesNothing() async throws {
            let service = try await serviceApp(.visma, "isv_service", "service-secret")
            let token = try await service.token(for: Known.bakery, scopes: ["visma_api:read"]).exposeSecret()
            let inspection = try #require(Inspection(of: token))
            #expect(inspection.claims["tenant_id"] == .string("11111111-1111-4111-8111-111111111111"))
            #expect(inspection.header["alg"] == .string("RS256"))
            #expect("\(inspection)" == "Inspection(redacted)")
            #expect(Inspection(of: "opaque") == nil)
        }

        @Test func aTenantThatApprovedTheApplicationIsTold() async throws {
            let notifier = try Notifier()
            let stranger = "99999999-9999-4999-8999-999999999999"
            func verified() async throws -> WebhookEvent {
                try await notifier.emulator.approve(stranger)
                let told = try notifier.told()
                return try WebhookEvent(
                    verifying: Data(told.body.utf8), signature: told.signature, secret: Notifier.webhookSecret)
            }
            let event = try await verified()
            #expect(event.name == "tenant_application_added" && event.tenantID == stranger)
            #expect(event.members["client_id"] == .string("isv_service"))
            for fault in ["wrong-signature", "no-signature", "altered-body"] {
                try await notifier.emulator.fault("webhook", fault)
                #expect(await grantlineError { try await verified() }?.code == "webhook_signature_invalid", "\(fault)")
            }
        }
    }
}
