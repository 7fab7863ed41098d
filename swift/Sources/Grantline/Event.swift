internal import GrantlineGenerated

/// What happens to the tokens and sessions of a client, from ``Client/events()`` on. It ends with the client.
///
/// A listener that is slow holds up nobody: what it did not take in time is told as one ``Event/missed(_:)``. Each call of
/// ``Client/events()`` is a listener of its own, which gets every event; loops over the same one share them out.
public struct Events: AsyncSequence, Sendable {
    private let native: GrantlineGenerated.Events

    init(_ native: GrantlineGenerated.Events) {
        self.native = native
    }

    public func makeAsyncIterator() -> Iterator { Iterator(native: native) }

    /// One loop over them.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let native: GrantlineGenerated.Events

        /// The next event; `nil` when there will be no more, or when the task is cancelled, by which no event is lost.
        public mutating func next() async -> Event? {
            let next = try? await cancellable { [native] in await native.next(cancellation: $0) }
            return next.map(Event.init)
        }
    }
}

/// Something that happened to a grant, for the application's own log, metrics and alarms. Holds no secret.
public enum Event: Sendable, Equatable {
    /// The server gave new tokens, of that rotation of the grant; a session's are saved.
    case refreshed(Subject, generation: UInt64)
    /// The server gave new tokens, and the store did not take them: they are handed out, kept in memory, and saving is
    /// tried again. If this process ends before that, the session is lost with it.
    case notSaved(Subject, generation: UInt64, GrantlineError)
    /// Tokens that the store had not taken are saved now.
    case savedLate(Subject, generation: UInt64)
    /// There are no new tokens. The grant is kept, unless ``sessionEnded(_:reason:serverError:)`` says otherwise.
    case refreshFailed(Subject, GrantlineError)
    /// A refresh was answered for another user, client or login than the session's: an alarm. Nothing of the answer was
    /// kept, and the tokens that were there before still are.
    case answerDiscarded(Subject, GrantlineError)
    /// A session is over: `refused_by_server`, with the server's own code, `refresh_outcome_unknown` or
    /// `ended_by_application`.
    case sessionEnded(Subject, reason: String, serverError: String?)
    /// The store failed at something else; nothing was deleted.
    case storeTrouble(Subject, GrantlineError)
    /// This listener was too slow for so many events.
    case missed(UInt64)
}

/// Whose token an ``Event`` is about, with the provider and the application.
public enum Subject: Sendable, Hashable {
    /// The session of that name.
    case session(issuer: String, clientID: String, id: String)
    /// A service's, for that tenant.
    case service(issuer: String, clientID: String, tenant: TenantChoice)
}

extension Event {
    fileprivate init(_ native: GrantlineGenerated.Event) {
        switch native {
        case .refreshed(let subject, let generation):
            self = .refreshed(Subject(subject), generation: generation)
        case .notSaved(let subject, let generation, let error):
            self = .notSaved(Subject(subject), generation: generation, GrantlineError(native: error))
        case .savedLate(let subject, let generation):
            self = .savedLate(Subject(subject), generation: generation)
        case .refreshFailed(let subject, let error):
            self = .refreshFailed(Subject(subject), GrantlineError(native: error))
        case .answerDiscarded(let subject, let error):
            self = .answerDiscarded(Subject(subject), GrantlineError(native: error))
        case .sessionEnded(let subject, let reason, let serverError):
            self = .sessionEnded(Subject(subject), reason: reason, serverError: serverError)
        case .storeTrouble(let subject, let error):
            self = .storeTrouble(Subject(subject), GrantlineError(native: error))
        case .missed(let count):
            self = .missed(count)
        }
    }
}

extension Subject {
    fileprivate init(_ native: GrantlineGenerated.Subject) {
        switch native {
        case .session(let issuer, let clientID, let id): self = .session(issuer: issuer, clientID: clientID, id: id)
        case .service(let issuer, let clientID, let tenant):
            self = .service(issuer: issuer, clientID: clientID, tenant: TenantChoice(tenant))
        }
    }
}
