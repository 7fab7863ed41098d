import Foundation
import Testing

@testable import Grantline

/// The copy of a token that spares the native call, and what makes it void.
@Suite struct TokenCopyTests {
    private let copy = TokenCopy()

    @Test func itIsHandedOutOnlyWhileBothClocksSaySo() async throws {
        let taken = Moment.now
        let token = try await token()
        copy.keep(token, freshFor: .seconds(60), askedAt: copy.epoch, now: taken)
        #expect(copy.token(at: taken.advanced(by: .seconds(59))) == token)
        #expect(copy.token(at: taken.advanced(by: .seconds(60))) == nil)
        let late = taken.advanced(by: .seconds(60))
        #expect(copy.token(at: Moment(wall: late.wall, continuous: taken.continuous)) == nil)
        #expect(copy.token(at: Moment(wall: taken.wall, continuous: late.continuous)) == nil)
        let setBack = taken.wall.addingTimeInterval(-1)
        #expect(copy.token(at: Moment(wall: setBack, continuous: taken.continuous)) == nil)
    }

    @Test func aTokenWithoutAKnownEndIsHandedOutUntilItIsVoid() async throws {
        let token = try await token()
        copy.keep(token, freshFor: nil, askedAt: copy.epoch)
        #expect(copy.token(at: Moment.now.advanced(by: .seconds(1_000_000))) == token)
        copy.void()
        #expect(copy.token() == nil)
    }

    @Test func aTokenThatWasAskedForBeforeItBecameVoidIsNotKept() async throws {
        let before = copy.epoch
        copy.void()
        copy.keep(try await token(), freshFor: .seconds(60), askedAt: before)
        #expect(copy.token() == nil)
    }

    @Test func nothingIsHandedOutOnceTheClientIsClosed() async throws {
        let copies = TokenCopies()
        let copy = copies.of(grant("a"))
        copy.keep(try await token(), freshFor: nil, askedAt: copy.epoch)
        copies.close()
        for copy in [copy, copies.of(grant("b"))] {
            copy.keep(try await token(), freshFor: nil, askedAt: copy.epoch)
            #expect(copy.token() == nil)
        }
    }

    @Test func allHandlesOnAGrantShareOneCopy() {
        let copies = TokenCopies()
        let held = copies.of(grant("a"))
        #expect(copies.of(grant("a")) === held)
        #expect(copies.of(grant("b")) !== held)
        let before = held.epoch
        copies.void(grant("a"))
        #expect(held.epoch == before + 1)
    }

    @Test func aCopyLivesAsLongAsSomebodyHasAHandle() {
        let copies = TokenCopies()
        weak var gone = copies.of(grant("a"))
        #expect(gone == nil)
        weak var recent = copies.lasting(grant("a"))
        #expect(recent != nil)
        for number in 0..<1024 { _ = copies.lasting(grant("\(number)")) }
        #expect(recent == nil)
    }

    private func grant(_ id: String) -> Grant {
        .session(issuer: "https://a.example", clientID: "isv", id: id)
    }

    private func token() async throws -> AccessToken {
        let answer = ScriptedPerformer(200, body: #"{"access_token":"t","token_type":"Bearer","expires_in":3600}"#)
        let registration = Registration(.vismaConnect, clientID: "isv", clientSecret: "s")
        return try await ServiceApp(registration, client: Client(http: answer)).token(for: .noTenant, scopes: ["a"])
    }
}
