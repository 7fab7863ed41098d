import Foundation

/// A copy of the current token, so that asking for one that is fresh calls nothing native.
///
/// It is handed out only while both clocks agree: the wall clock may be set, and the continuous one counts suspend. From
/// the time of refresh-ahead on it is silent, so that the engine is asked and begins the refresh. Another handle may have
/// refreshed the same session, so every refresh of the client and every login silences it as well.
final class FreshCopy: Sendable {
    private struct Kept {
        let token: AccessToken
        let change: UInt64
        let wall: Range<Date>
        /// `nil` where the token's end is unknown: it is good until an API refuses it.
        let end: ContinuousClock.Instant?
    }

    private let kept = Locked<Kept?>(nil)
    /// The generation that was last asked to be replaced, and that is not kept again.
    private let refused = Locked<UInt64?>(nil)
    private let changes: Locked<UInt64>

    /// - Parameter changes: the client's count of refreshes and logins.
    init(_ changes: Locked<UInt64>) {
        self.changes = changes
    }

    /// The count to hand back with the token that is asked for now.
    var change: UInt64 { changes.with { $0 } }

    /// Forgets a token that an API refused, until one of another generation is there: the refresh may take a while, and
    /// goes on if its caller leaves.
    func refuse() {
        guard let copy = kept.with({ kept in defer { kept = nil }; return kept }) else { return }
        refused.with { $0 = copy.token.generation }
    }

    /// Counts a refresh or a login: other handles' copies may be superseded.
    func raise() {
        changes.with { $0 += 1 }
    }

    /// The token, while it needs no refresh.
    var token: AccessToken? {
        guard let copy = kept.with({ $0 }), copy.change == change else { return nil }
        guard let end = copy.end else { return copy.token }
        return copy.wall.contains(Date()) && ContinuousClock.now < end ? copy.token : nil
    }

    /// Keeps a token that needs no refresh for so long from now, and was asked for at that count.
    func keep(_ token: AccessToken, freshFor: Duration?, askedAt change: UInt64) {
        guard refused.with({ $0 != token.generation }) else { return }
        let now = Date()
        let wall = now..<(freshFor.map { now.addingTimeInterval($0.seconds) } ?? .distantFuture)
        let new = Kept(token: token, change: change, wall: wall, end: freshFor.map(ContinuousClock.now.advanced(by:)))
        kept.with { $0 = new }
    }
}
