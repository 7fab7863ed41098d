package dev.grantline

import dev.grantline.ffi.Event as NativeEvent
import dev.grantline.ffi.Subject as NativeSubject

/** Something that happened to a grant, for the application's own log, metrics and alarms. Holds no secret. */
public sealed class Event {
    /**
     * The server gave new tokens; a session's are saved.
     *
     * @property subject whose
     * @property generation which rotation of the grant this is
     */
    public data class Refreshed(val subject: Subject, val generation: Long) : Event()

    /**
     * The server gave new tokens, and the store did not take them: they are handed out, kept in memory, and saving is tried
     * again. If this process ends before that, the session is lost with it.
     *
     * @property subject whose
     * @property generation which rotation of the grant this is
     * @property error what the store said
     */
    public data class NotSaved(val subject: Subject, val generation: Long, val error: GrantlineException) : Event()

    /**
     * Tokens that the store had not taken are saved now.
     *
     * @property subject whose
     * @property generation which rotation of the grant this is
     */
    public data class SavedLate(val subject: Subject, val generation: Long) : Event()

    /**
     * There are no new tokens. The grant is kept, unless [SessionEnded] says otherwise.
     *
     * @property subject whose
     * @property error why
     */
    public data class RefreshFailed(val subject: Subject, val error: GrantlineException) : Event()

    /**
     * A refresh was answered for another user, client or login than the session's: an alarm. Nothing of the answer was
     * kept, and the tokens that were there before still are.
     *
     * @property subject whose session it was
     * @property error what was wrong with the answer
     */
    public data class AnswerDiscarded(val subject: Subject, val error: GrantlineException) : Event()

    /**
     * A session is over.
     *
     * @property subject which one
     * @property reason why: `refused_by_server`, `refresh_outcome_unknown`, `ended_by_application`
     * @property serverError the server's own code, if it refused
     */
    public data class SessionEnded(val subject: Subject, val reason: String, val serverError: String?) : Event()

    /**
     * The store failed at something else; nothing was deleted.
     *
     * @property subject whose record it was about
     * @property error what the store said
     */
    public data class StoreTrouble(val subject: Subject, val error: GrantlineException) : Event()

    /**
     * This listener was too slow for so many events.
     *
     * @property count how many
     */
    public data class Missed(val count: Long) : Event()

    internal companion object {
        fun of(native: NativeEvent): Event =
            when (native) {
                is NativeEvent.Refreshed -> Refreshed(Subject.of(native.subject), native.generation.toLong())
                is NativeEvent.NotSaved ->
                    NotSaved(Subject.of(native.subject), native.generation.toLong(), native.error.asException())
                is NativeEvent.SavedLate -> SavedLate(Subject.of(native.subject), native.generation.toLong())
                is NativeEvent.RefreshFailed -> RefreshFailed(Subject.of(native.subject), native.error.asException())
                is NativeEvent.AnswerDiscarded -> AnswerDiscarded(Subject.of(native.subject), native.error.asException())
                is NativeEvent.SessionEnded -> SessionEnded(Subject.of(native.subject), native.reason, native.serverError)
                is NativeEvent.StoreTrouble -> StoreTrouble(Subject.of(native.subject), native.error.asException())
                is NativeEvent.Missed -> Missed(native.count.toLong())
            }
    }
}

/**
 * Whose token an [Event] is about.
 *
 * @property issuer the provider
 * @property clientId the application
 */
public sealed class Subject {
    public abstract val issuer: String
    public abstract val clientId: String

    /**
     * A session's.
     *
     * @property sessionId the session's name
     */
    public data class OfSession(
        override val issuer: String,
        override val clientId: String,
        val sessionId: String,
    ) : Subject()

    /**
     * A service's.
     *
     * @property tenant whose data it is for
     */
    public data class OfService(
        override val issuer: String,
        override val clientId: String,
        val tenant: TenantChoice,
    ) : Subject()

    internal companion object {
        fun of(native: NativeSubject): Subject =
            when (native) {
                is NativeSubject.Session -> OfSession(native.issuer, native.clientId, native.sessionId)
                is NativeSubject.Service -> OfService(native.issuer, native.clientId, TenantChoice.of(native.tenant))
            }
    }
}
