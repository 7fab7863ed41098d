import Foundation

/// Both clocks. The wall clock may be set, and the continuous one starts with the machine: a copy needs the word of both.
struct Moment {
    let wall: Date
    let continuous: ContinuousClock.Instant

    static var now: Moment { Moment(wall: Date(), continuous: .now) }

    func advanced(by duration: Duration) -> Moment {
        Moment(wall: wall.addingTimeInterval(duration.seconds), continuous: continuous.advanced(by: duration))
    }
}

/// What all handles on a grant keep of its token, so that asking for one that is fresh calls nothing native.
///
/// It is silent from the time of refresh-ahead on, so that the engine is asked and begins the refresh, and for a token
/// that is not saved yet.
final class TokenCopy: Sendable {
    private struct Kept {
        let token: AccessToken
        let taken: Moment
        /// `nil` where the token's end is unknown: it is good until an API refuses it.
        let end: Moment?

        func isFresh(at now: Moment) -> Bool {
            guard let end else { return true }
            return now.wall >= taken.wall && now.wall < end.wall && now.continuous < end.continuous
        }
    }

    private struct State {
        var kept: Kept?
        var epoch: UInt64 = 0
        /// How many are ending the grant.
        var endings = 0
        var isClosed = false

        mutating func void() {
            epoch += 1
            kept = nil
        }
    }

    private let state: Locked<State>

    /// - Parameter isClosed: whether its client was closed.
    init(isClosed: Bool = false) {
        state = Locked(State(isClosed: isClosed))
    }

    /// Raised by whatever makes a copy void. It is read before a token is asked for, so that what happens meanwhile counts
    /// against the token.
    var epoch: UInt64 { state.with { $0.epoch } }

    /// The token, while it needs no refresh and nobody is ending its grant.
    func token(at now: Moment = .now) -> AccessToken? {
        state.with { $0.endings == 0 ? $0.kept : nil }.flatMap { $0.isFresh(at: now) ? $0.token : nil }
    }

    /// Keeps a token that was asked for at that epoch and needs no refresh for so long from now.
    func keep(_ token: AccessToken, freshFor: Duration?, askedAt epoch: UInt64, now: Moment = .now) {
        guard token.isSaved else { return }
        let new = Kept(token: token, taken: now, end: freshFor.map(now.advanced(by:)))
        state.with { state in
            if state.epoch == epoch, !state.isClosed { state.kept = new }
        }
    }

    /// What was asked for before this is not handed out again.
    func void() {
        state.with { $0.void() }
    }

    /// Nothing that is kept is handed out while `end` goes on, nor afterwards what was asked for before it was over: an end
    /// counts long before the server has answered, and the native library knows from when on.
    func whileEnding<Value>(_ end: () async throws -> Value) async rethrows -> Value {
        state.with { $0.endings += 1 }
        defer {
            state.with { state in
                state.void()
                state.endings -= 1
            }
        }
        return try await end()
    }

    /// Nothing is handed out any more: the native library has the last word.
    func close() {
        state.with { state in
            state.isClosed = true
            state.kept = nil
        }
    }
}
