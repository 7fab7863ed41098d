/// A grant, for which all handles share one copy of its token.
enum Grant: Hashable, Sendable {
    case session(issuer: String, clientID: String, id: String)
    case service(issuer: String, clientID: String, tenant: TenantChoice, scopes: Scopes, resource: String?)
}

/// The copies of one client's tokens: one for each grant, so that what one handle learns all handles know. A copy lives as
/// long as somebody has a handle on its grant; beyond that, while it is among those that were asked for last.
final class TokenCopies: Sendable {
    private struct Known {
        weak var copy: TokenCopy?
    }

    private struct State {
        var known: [Grant: Known] = [:]
        /// At how many known ones the dead are removed.
        var full = 1024
        /// Asked for since ``old`` was young. Both are here only to keep their copies alive.
        var young: [Grant: TokenCopy] = [:]
        var old: [Grant: TokenCopy] = [:]
        var isClosed = false

        mutating func copy(of grant: Grant) -> TokenCopy {
            if let copy = known[grant]?.copy { return copy }
            if known.count >= full {
                known = known.filter { $0.value.copy != nil }
                full = max(1024, 2 * known.count)
            }
            let copy = TokenCopy(isClosed: isClosed)
            known[grant] = Known(copy: copy)
            return copy
        }

        /// Keeps a copy alive, and answers those that need not be any more.
        mutating func keep(_ copy: TokenCopy, _ grant: Grant, _ generation: Int) -> [Grant: TokenCopy] {
            var forgotten: [Grant: TokenCopy] = [:]
            if young.count >= generation {
                (forgotten, old, young) = (old, young, [:])
            }
            young[grant] = copy
            return forgotten
        }
    }

    private let state = Locked(State())
    /// How many are young at most, and how many old.
    private let generation: Int

    /// - Parameter limit: how many copies stay at most that nobody has a handle on.
    init(limit: Int) {
        generation = limit / 2
    }

    /// The copy of a grant, made on first use.
    func of(_ grant: Grant) -> TokenCopy {
        // The forgotten are released outside the lock: they may be many.
        let (copy, _) = state.with { state -> (TokenCopy, [Grant: TokenCopy]) in
            if let copy = state.young[grant] { return (copy, [:]) }
            let copy = state.copy(of: grant)
            return (copy, generation == 0 || state.isClosed ? [:] : state.keep(copy, grant, generation))
        }
        return copy
    }

    /// What is kept of that grant, if anything, is void.
    func void(_ grant: Grant) {
        state.with { $0.known[grant]?.copy }?.void()
    }

    /// Nothing is handed out any more.
    func close() {
        let (all, _) = state.with { state in
            defer { (state.young, state.old) = ([:], [:]) }
            state.isClosed = true
            return (state.known.values.compactMap(\.copy), (state.young, state.old))
        }
        all.forEach { $0.close() }
    }
}
