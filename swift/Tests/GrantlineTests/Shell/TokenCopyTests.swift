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

    @Test func nothingIsHandedOutWhileItsGrantIsBeingEndedNorWhatWasAskedForMeanwhile() async throws {
        let token = try await token()
        copy.keep(token, freshFor: .seconds(60), askedAt: copy.epoch)
        await copy.whileEnding {
            #expect(copy.token() == nil)
            copy.keep(token, freshFor: .seconds(60), askedAt: copy.epoch)
            await copy.whileEnding {}
            #expect(copy.token() == nil)
            copy.keep(token, freshFor: .seconds(60), askedAt: copy.epoch)
        }
        #expect(copy.token() == nil)
        copy.keep(token, freshFor: .seconds(60), askedAt: copy.epoch)
        #expect(copy.token() == token)
    }

    @Test func nothingIsHandedOutOnceTheClientIsClosed() async throws {
        let copies = TokenCopies(limit: 0)
        let copy = copies.of(grant("a"))
        copy.keep(try await token(), freshFor: nil, askedAt: copy.epoch)
        copies.close()
        for copy in [copy, copies.of(grant("b"))] {
            copy.keep(try await token(), freshFor: nil, askedAt: copy.epoch)
            #expect(copy.token() == nil)
        }
    }

    @Test func allHandlesOnAGrantShareOneCopy() {
        let copies = TokenCopies(limit: 0)
        let held = copies.of(grant("a"))
        #expect(copies.of(grant("a")) === held)
        #expect(copies.of(grant("b")) !== held)
        let before = held.epoch
        copies.void(grant("a"))
        #expect(held.epoch == before + 1)
    }

    @Test func aCopyOnWhichNobodyHasAHandleLeavesWhenSoManyOthersWereAskedFor() {
        let copies = TokenCopies(limit: 4)
        let held = copies.of(grant("held"))
        weak var old = copies.of(grant("old"))
        weak var used = copies.of(grant("used"))
        #expect(old != nil && used != nil)
        for id in ["a", "used", "b", "c", "used"] { _ = copies.of(grant(id)) }
        #expect(old == nil)
        #expect(used != nil && copies.of(grant("used")) === used)
        #expect(copies.of(grant("held")) === held)
    }

    @Test func aLimitOfNoneKeepsNone() {
        weak var gone = TokenCopies(limit: 0).of(grant("a"))
        #expect(gone == nil)
    }

    @Test func manyGrantsThatNobodyHasAHandleOnDoNotPileUp() {
        let copies = TokenCopies(limit: 10)
        let lives = (0..<10_000).map { number in
            weak var copy = copies.of(grant("\(number)"))
            return { copy != nil }
        }
        #expect((1...10).contains(lives.filter { $0() }.count))
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
