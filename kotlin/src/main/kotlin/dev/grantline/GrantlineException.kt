package dev.grantline

import java.time.Duration

/** Who has to act for it to work next time. */
public enum class Fault {
    /** The server refused by its rules. */
    SERVER_REFUSED,

    /** The server, or the sender of a callback, misbehaved. */
    SERVER_MISBEHAVED,

    /** The network. */
    TRANSPORT,

    /** Something that the provider or this release does not offer. */
    UNSUPPORTED,

    /** The application. */
    MISUSE,

    /** The session store. */
    STORE,

    /** Nobody: it was cancelled. */
    CANCELLED,

    /** This library. */
    INTERNAL,
}

/** What the application should do about an error. */
public enum class Advice {
    /** Try again, not before [GrantlineException.retryAfter] if the server named a time. */
    RETRY,

    /** The user has to log in again. */
    LOG_IN_AGAIN,

    /** Somebody with rights at the provider has to act: the customer's administrator, or the portal. */
    ASK_ADMINISTRATOR,

    /** Change the application's configuration or code; trying again does not help. */
    FIX_CONFIGURATION,

    /** Report it: to the provider if the server misbehaved, to grantline if it is internal. */
    REPORT_BUG,
}

/**
 * Whatever can go wrong. No message holds a secret.
 *
 * @property code a stable name of this failure; for a server's refusal it is the server's own `error`
 * @property fault by whose fault it failed
 * @property advice what to do about it
 * @property retryAfter how long to wait before trying again, where the server said so
 */
public sealed class GrantlineException protected constructor(
    public val code: String,
    public val fault: Fault,
    public val advice: Advice,
    public val retryAfter: Duration?,
    message: String,
) : Exception(message)

/**
 * The server refused, or a session is over.
 *
 * The texts are the server's and untrusted: escape them before they are shown on a page.
 *
 * @property error the server's `error` (RFC 6749 sections 4.1.2.1 and 5.2); `null` where no response is at hand, as for
 *   a session that has ended
 * @property errorDescription the server's `error_description`
 * @property errorUri the server's `error_uri`, of which nothing was checked
 * @property status the HTTP status; `null` for a refusal that a callback brought
 * @property members all further members of the response, as the text of one JSON object
 */
public class ServerRefusedException internal constructor(
    code: String,
    advice: Advice,
    retryAfter: Duration?,
    message: String,
    public val error: String?,
    public val errorDescription: String?,
    public val errorUri: String?,
    public val status: Int?,
    public val members: String?,
) : GrantlineException(code, Fault.SERVER_REFUSED, advice, retryAfter, message)

/** What arrived breaks a named rule: from the server, or from whoever sent the callback. Nothing of it was used. */
public class ServerMisbehavedException internal constructor(
    code: String,
    advice: Advice,
    retryAfter: Duration?,
    message: String,
) : GrantlineException(code, Fault.SERVER_MISBEHAVED, advice, retryAfter, message)

/** No usable response came. The message says whether the request may have arrived. */
public class TransportException internal constructor(
    code: String,
    advice: Advice,
    retryAfter: Duration?,
    message: String,
) : GrantlineException(code, Fault.TRANSPORT, advice, retryAfter, message)

/** The provider or this release does not offer what was asked for. Nothing was sent. */
public class UnsupportedException internal constructor(
    code: String,
    advice: Advice,
    message: String,
) : GrantlineException(code, Fault.UNSUPPORTED, advice, null, message)

/** The application asked for something that is not allowed. Nothing was sent. */
public class MisuseException internal constructor(
    code: String,
    advice: Advice,
    message: String,
) : GrantlineException(code, Fault.MISUSE, advice, null, message)

/** The session store did not do its part. Nothing was deleted. */
public class StoreException internal constructor(
    code: String,
    advice: Advice,
    message: String,
) : GrantlineException(code, Fault.STORE, advice, null, message)

/** The closing of the client ended it. A coroutine that is cancelled sees Kotlin's own cancellation instead. */
public class CancelledException internal constructor(
    code: String,
    advice: Advice,
    message: String,
) : GrantlineException(code, Fault.CANCELLED, advice, null, message)

/** A fault in this library. */
public class InternalException internal constructor(
    code: String,
    advice: Advice,
    message: String,
) : GrantlineException(code, Fault.INTERNAL, advice, null, message)
