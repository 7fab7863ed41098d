package dev.grantline

import java.time.Instant
import dev.grantline.ffi.BegunLogout as NativeBegun
import dev.grantline.ffi.LogoutNotice as NativeNotice
import dev.grantline.ffi.LogoutRedirect as NativeRedirect

/**
 * A session that is over here, and on its way to be over at the provider.
 *
 * @property redirect where the browser goes
 * @property revocation what the server said to the revocation of the refresh token
 */
public class BegunLogout internal constructor(native: NativeBegun) {
    public val redirect: LogoutRedirect = LogoutRedirect(native.redirect)
    public val revocation: Revocation = Revocation.of(native.revocation)

    override fun toString(): String = "BegunLogout(redacted)"
}

/** The way of a browser to the end of its user's session at the provider. */
public class LogoutRedirect internal constructor(private val native: NativeRedirect) {
    /**
     * Where the browser goes. `null`: the provider offers no such end, unless [failure] says otherwise. It holds the user's ID
     * token: do not log it.
     */
    public val url: String? = native { native.url() }

    /**
     * Why there is no URL although the provider may offer such an end: its metadata could not be had. The session is over here
     * all the same.
     */
    public val failure: GrantlineException? = native { native.failure() }?.asException()

    /** What comes back with the browser, if it comes back: keep it until then, for instance in a cookie. */
    public val state: String = native { native.state() }

    /**
     * Whether a browser that came back came from this logout. If not, the session is over all the same: only that the
     * provider ended its own is not known then.
     */
    public fun isAnsweredBy(callback: Callback): Boolean = native { native.isAnsweredBy(callback.native) }

    override fun toString(): String = "LogoutRedirect(redacted)"
}

/**
 * What a valid logout token says (OpenID Connect Back-Channel Logout section 2.4).
 *
 * @property subject whose sessions are over; without a [sessionId], all of them
 * @property sessionId which session is over, as [IdTokenClaims.sessionId] named it
 * @property issuedAt when it was issued
 */
public class LogoutNotice internal constructor(native: NativeNotice) {
    public val subject: String? = native.subject()
    public val sessionId: String? = native.sessionId()
    public val issuedAt: Instant = Instant.ofEpochMilli(native.issuedAtMs().toLong())

    override fun toString(): String = "LogoutNotice(subject=$subject, redacted)"
}
