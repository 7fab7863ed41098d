import Foundation
import Grantline
import Testing

/// tests/vectors/logout_tokens.json and webhooks.json: what comes from the provider by itself, taken or refused.
@Suite struct NoticeTests {
    @Test(arguments: Case.all(in: "logout_tokens.json"))
    func judgesTheLogoutToken(_ one: Case) async throws {
        let described = try #require(one.file["registration"])
        let keys = try #require(one.file["key_set"]?.string)
        let token = try #require(one["token"]?.string)
        let now = Date(timeIntervalSince1970: Double(try #require(one["now_ms"]?.int)) / 1000)
        let notice = try await one.expectEnd {
            try Registration(judging: described).checkLogoutToken(token, keySet: keys, now: now)
        }
        guard let notice else { return }
        let expected = try #require(one["expect"]?["notice"])
        #expect((notice.issuedAt.timeIntervalSince1970 * 1000).rounded() == expected["issued_at_ms"]?.int.map(Double.init))
        #expect(notice.subject == expected["subject"]?.string)
        #expect(notice.sessionID == expected["session_id"]?.string)
    }

    @Test(arguments: Case.all(in: "webhooks.json"))
    func verifiesTheWebhook(_ one: Case) async throws {
        let (secret, signature) = (try #require(one["secret"]?.string), try #require(one["signature"]?.string))
        let body = Data(try #require(one["body"]?.string).utf8)
        let event = try await one.expectEnd {
            try WebhookEvent(verifying: body, signature: signature, secret: secret)
        }
        guard let event else { return }
        let expected = try #require(one["expect"]?["event"])
        #expect(event.name == expected["name"]?.string)
        #expect(event.tenantID == expected["tenant_id"]?.string)
    }
}
