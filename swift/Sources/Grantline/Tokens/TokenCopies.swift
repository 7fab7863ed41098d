/// A grant, for which all handles share one copy of its token.
enum Grant: Hashable, Sendable {
    case session(issuer: String, clientID: String, id: String)
    case service(issuer: String, clientID: String, tenant: TenantChoice, scopes: Scopes, resource: String?)
}

/// The copies of one client's tokens: one for each grant, so that what one handle learns all handles know. A copy lives as
/// long as somebody has a handle on its grant.
final class TokenCopies: Sendable {
    private struct Known {
        weak var copy: TokenCopy?
    }

    private struct State {
        var known: [Grant: Known] = [:]
        /// At how many the dead ones are removed.
        var full = 1024
        var young: [Grant: TokenCopy] = [:]
        /// Those that were young before. It only keeps them alive.
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
    }

    /// How many young ones there are at most.
    private static let recent = 512

    private let state = Locked(State())

    /// The copy of a grant, made on first use.
    func of(_ grant: Grant) -> TokenCopy {
        state.with { $0.copy(of: grant) }
    }

    /// The copy of a grant that nobody need have a handle on: the 512 that were asked for last stay, and some before them.
    func lasting(_ grant: Grant) -> TokenCopy {
        state.with { state in
            if let copy = state.young[grant] { return copy }
            let copy = state.copy(of: grant)
            if state.young.count == Self.recent {
                state.old = state.young
                state.young = [:]
            }
            state.young[grant] = copy
            return copy
        }
    }

    /// What is kept of that grant, if anything, is void.
    func void(_ grant: Grant) {
        state.with { $0.known[grant]?.copy }?.void()
    }

    /// Nothing is handed out any more.
    func close() {
        let all = state.with { state in
            state.isClosed = true
            return state.known.values.compactMap(\.copy)
        }
        all.forEach { $0.close() }
    }
}
