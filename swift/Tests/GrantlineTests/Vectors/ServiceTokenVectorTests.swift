import Foundation
import Grantline
import Testing

/// tests/vectors/service_token_requests.json and token_responses.json.
///
/// A performer of the test's own stands in for the server: so the request is seen itself, byte for byte. One case at a time:
/// a request that no performer has taken after two seconds is not sent, and hundreds of clients at once are slower than that.
@Suite(.serialized) struct ServiceTokenVectorTests {
    @Test(arguments: Case.all(in: "service_token_requests.json", server: VectorApplication.server))
    func asksForAServiceToken(_ one: Case) async throws {
        try await run(one)
    }

    @Test(arguments: Case.all(in: "token_responses.json", server: VectorApplication.server))
    func readsTheAnswer(_ one: Case) async throws {
        try await run(one)
    }

    private func run(_ one: Case) async throws {
        let reply = one["reply"]
        let performer = ScriptedPerformer(
            reply?["status"]?.int ?? 500, headers: (reply?["headers"]?.object ?? [:]).compactMapValues(\.string),
            body: one.padded(reply?["body"]?.string ?? ""))
        let before = Date()
        let token = try await one.expectEnd { try await ask(one, try Client(http: performer)) }
        if let token { try compare(token, one, asked: before...Date()) }
        let requests = await performer.requests
        #expect(requests.count == (reply == nil ? 0 : 1))
        if let sent = one["expect"]?["sent"] { try compare(try #require(requests.first), sent) }
    }

    private func ask(_ one: Case, _ client: Client) async throws -> AccessToken {
        let request = try #require(one["request"])
        let application = try VectorApplication(try #require(one["application"]), client: client)
        guard case .service(let app) = application else { throw UnknownVector(one["application"]) }
        return try await app.token(
            for: try TenantChoice(request["tenant"]), scopes: try Scopes(request["scopes"]),
            resource: request["resource"]?.string)
    }

    private func compare(_ token: AccessToken, _ one: Case, asked: ClosedRange<Date>) throws {
        guard let expected = one["expect"]?["token"] else { return }
        #expect(token.exposeSecret() == expected["access_token"]?.string)
        #expect(Set(token.scopes) == Set(expected["scopes"]?.strings ?? []))
        guard let seconds = expected["expires_in"]?.int else {
            #expect(token.expiresAt == nil)
            return
        }
        // The driver's clock stands still between two ticks of the system, 10 ms at most, and tells whole milliseconds.
        let end = try #require(token.expiresAt).addingTimeInterval(TimeInterval(-seconds))
        #expect(asked.lowerBound.addingTimeInterval(-0.011) <= end && end <= asked.upperBound)
    }

    private func compare(_ request: HttpRequest, _ sent: JSON) throws {
        #expect(request.url == sent["url"]?.string)
        #expect(request.form == sent["form"]?.string)
        #expect(request.header("authorization") == sent["authorization"]?.string)
        #expect(request.method == "POST")
    }
}

extension TenantChoice {
    fileprivate init(_ choice: JSON?) throws {
        switch choice {
        case .string("default_tenant"): self = .defaultTenant
        case .string("no_tenant"): self = .noTenant
        default: self = .tenant(try #require(choice?["tenant"]?.string))
        }
    }
}
