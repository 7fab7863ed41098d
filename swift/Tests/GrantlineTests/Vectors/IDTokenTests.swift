import Foundation
import Grantline
import Testing

/// tests/vectors/id_tokens.json: ID tokens, believed or refused.
@Suite struct IDTokenTests {
    @Test(arguments: Case.all(in: "id_tokens.json"))
    func judgesTheToken(_ one: Case) async throws {
        let described = try #require(one.file["registrations"]?[one["registration"]?.string ?? ""])
        let keys = try #require(one.file["key_sets"]?[one["key_set"]?.string ?? ""]?.string)
        let token = one.padded(try #require(one["token"]?.string))
        let now = Date(timeIntervalSince1970: Double(try #require(one["now_ms"]?.int)) / 1000)
        let expected = try IDTokenExpectations.described(by: try #require(one["expectations"]))
        let claims = try await one.expectEnd {
            try Registration(judging: described).checkIDToken(token, keySet: keys, expecting: expected, now: now)
        }
        guard let claims else { return }
        for (name, value) in try #require(one["expect"]?["claims"]?.object) {
            if name == "further" {
                for (further, value) in value.object ?? [:] {
                    #expect(claims.claim(further).map(JSON.init) ?? .null == value, "\(further)")
                    #expect(claims.furtherClaims[further] == claims.claim(further))
                }
            } else {
                #expect(try told(claims, name) == value, "\(name)")
            }
        }
    }

    private func told(_ claims: IDTokenClaims, _ name: String) throws -> JSON {
        switch name {
        case "issuer": .string(claims.issuer)
        case "subject": .string(claims.subject)
        case "audience": .array(claims.audience.map(JSON.string))
        case "expires_at_ms": milliseconds(claims.expiresAt)
        case "issued_at_ms": milliseconds(claims.issuedAt)
        case "auth_time_ms": claims.authTime.map(milliseconds) ?? .null
        case "acr": text(claims.acr)
        case "amr": .array(claims.amr.map(JSON.string))
        case "session_id": text(claims.sessionID)
        case "identity_provider": text(claims.identityProvider)
        case "last_login_time": claims.lastLoginTime.map(JSON.init) ?? .null
        case "tenant_id": text(claims.tenantID)
        default: throw UnknownVector(.string(name))
        }
    }

    private func text(_ text: String?) -> JSON { text.map(JSON.string) ?? .null }

    private func milliseconds(_ moment: Date) -> JSON {
        .number((moment.timeIntervalSince1970 * 1000).rounded())
    }
}

extension IDTokenExpectations {
    fileprivate static func described(by expected: JSON) throws -> IDTokenExpectations {
        let known: Set = ["nonce", "max_age_s", "acr_values", "access_token"]
        let unknown = Set((expected.object ?? [:]).keys).subtracting(known)
        #expect(unknown.isEmpty, "this runner does not know \(unknown)")
        let maxAge = expected["max_age_s"]?.int.map { Duration.seconds($0) }
        let (acrValues, accessToken) = (expected["acr_values"]?.string, expected["access_token"]?.string)
        return if let nonce = expected["nonce"]?.string {
            .nonce(nonce, maxAge: maxAge, acrValues: acrValues, accessToken: accessToken)
        } else {
            .expectNoNonce(maxAge: maxAge, acrValues: acrValues, accessToken: accessToken)
        }
    }
}

extension JSON {
    /// A claim, as the table writes it.
    fileprivate init(_ claim: JSONValue) {
        switch claim {
        case .null: self = .null
        case .bool(let value): self = .bool(value)
        case .int(let value): self = .number(Double(value))
        case .double(let value): self = .number(value)
        case .string(let value): self = .string(value)
        case .array(let values): self = .array(values.map(JSON.init))
        case .object(let members): self = .object(members.mapValues(JSON.init))
        }
    }
}
