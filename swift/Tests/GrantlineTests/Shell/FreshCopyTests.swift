import Foundation
import Testing

@testable import Grantline

/// The copy of a token that spares the native call, and the refreshes that silence it.
@Suite struct FreshCopyTests {
    private let changes = Locked<UInt64>(0)

    @Test func itIsHandedOutWhileItNeedsNoRefresh() async throws {
        let copy = FreshCopy(changes)
        #expect(copy.token == nil)
        let token = try await token()
        copy.keep(token, freshFor: .seconds(60), askedAt: copy.change)
        #expect(copy.token == token)
        copy.keep(token, freshFor: nil, askedAt: copy.change)
        #expect(copy.token == token)
    }

    @Test func itIsSilentFromRefreshAheadOn() async throws {
        let copy = FreshCopy(changes)
        copy.keep(try await token(), freshFor: .zero, askedAt: copy.change)
        #expect(copy.token == nil)
    }

    @Test func aRefreshThroughAnyHandleSilencesIt() async throws {
        let (copy, other) = (FreshCopy(changes), FreshCopy(changes))
        let token = try await token()
        copy.keep(token, freshFor: .seconds(60), askedAt: copy.change)
        other.raise()
        #expect(copy.token == nil)
        // Asked for before the refresh, answered after it.
        let before = copy.change
        other.raise()
        copy.keep(token, freshFor: .seconds(60), askedAt: before)
        #expect(copy.token == nil)
    }

    @Test func aTokenThatWasRefusedIsNotKeptAgain() async throws {
        let copy = FreshCopy(changes)
        let token = try await token()
        copy.keep(token, freshFor: .seconds(60), askedAt: copy.change)
        copy.refuse()
        copy.keep(token, freshFor: .seconds(60), askedAt: copy.change)
        #expect(copy.token == nil)
    }

    private func token() async throws -> AccessToken {
        let answer = ScriptedPerformer(200, body: #"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#)
        let registration = Registration(.vismaConnect, clientID: "isv", clientSecret: "s")
        return try await ServiceApp(registration, client: Client(http: answer)).token(for: .noTenant, scopes: ["a"])
    }
}
