package dev.grantline

import java.time.Duration

/**
 * Sends HTTP requests for grantline with a client of the application's own.
 *
 * The contract: send each request exactly once (no redirect followed, no silent resend), read at most
 * [MAX_RESPONSE_BODY] bytes, give up after [HttpRequest.timeout] and when the coroutine is cancelled, verify the server's
 * certificate, keep no cookies, ask for no compression.
 */
public fun interface HttpPerformer {
    /**
     * Sends it and gives the response, of whatever status.
     *
     * @throws HttpFailureException if no usable response came
     */
    public suspend fun perform(request: HttpRequest): HttpResponse

    public companion object {
        /** The longest response body that is read, in bytes: 1 MiB, counted after any decoding. */
        public const val MAX_RESPONSE_BODY: Int = 1024 * 1024
    }
}

/**
 * One HTTP request.
 *
 * @property method `GET` or `POST`
 * @property url the absolute URL; it never holds a secret
 * @property headers names and values; a value may hold credentials
 * @property body the body, for POST; it may hold credentials
 * @property timeout how long the whole exchange may take
 */
public class HttpRequest(
    public val method: String,
    public val url: String,
    public val headers: List<Pair<String, String>>,
    public val body: ByteArray?,
    public val timeout: Duration,
) {
    override fun toString(): String = "HttpRequest($method $url)"
}

/**
 * One HTTP response, of whatever status.
 *
 * @property status the status code
 * @property headers names in any case, with their values, in the order received
 * @property body at most [HttpPerformer.MAX_RESPONSE_BODY] bytes; it may hold tokens
 */
public class HttpResponse(
    public val status: Int,
    public val headers: List<Pair<String, String>>,
    public val body: ByteArray,
) {
    override fun toString(): String = "HttpResponse($status, ${body.size} bytes)"
}

/** What went wrong between here and the server. */
public enum class HttpFailureKind {
    /** The host's name was not resolved. */
    DNS,

    /** No connection to the host or to the proxy. */
    CONNECT,

    /** The TLS handshake failed: certificate, name or version. */
    TLS,

    /** The time limit ended. */
    TIMED_OUT,

    /** The connection broke before the response was complete. */
    CONNECTION_LOST,

    /** The response is longer than [HttpPerformer.MAX_RESPONSE_BODY]. */
    BODY_TOO_LARGE,

    /** What came is not HTTP. */
    NOT_HTTP,

    /** The performer itself could not do it. */
    NOT_PERFORMED,
}

/** Whether a request that failed can have reached the server. It decides what may be sent again. */
public enum class Sent {
    /** Not a byte of the request left: no connection was made. */
    CERTAINLY_NOT,

    /** It may have arrived and had its effect, and the answer is lost. */
    MAYBE,
}

/**
 * A request that got no usable response.
 *
 * @property kind what went wrong
 * @property sent whether the request can have arrived
 * @param detail the performer's own words, for a person; they must hold no secret
 */
public class HttpFailureException(
    public val kind: HttpFailureKind,
    public val sent: Sent,
    detail: String,
    cause: Throwable? = null,
) : Exception(detail, cause)
