package dev.grantline

import java.time.Instant
import dev.grantline.ffi.BegunLogin as NativeBegun
import dev.grantline.ffi.Binding as NativeBinding
import dev.grantline.ffi.BrowserBinding as NativeBrowserBinding
import dev.grantline.ffi.LoginCallback as NativeCallback
import dev.grantline.ffi.PendingLogin as NativePending
import dev.grantline.ffi.StoredLogin as NativeStored

/**
 * A login that has begun: send the browser to [url], keep [pending], and set the cookie of [binding].
 *
 * @property url where the browser goes; a text, since no URL class keeps it byte for byte
 * @property pending what to keep until the callback comes
 * @property binding the cookie for the browser; `null` for native and single-page applications, where the operating
 *   system or the page itself is the binding
 */
public class BegunLogin internal constructor(native: NativeBegun) {
    public val url: String = native.url()
    public val pending: PendingLogin = PendingLogin(native.pending())
    public val binding: BrowserBinding? = native.binding()?.let(::BrowserBinding)

    override fun toString(): String = "BegunLogin(redacted)"
}

/**
 * A login that has begun and whose record is in the client's store: send the browser to [url], and set the cookie of
 * [binding].
 *
 * @property url where the browser goes
 * @property binding the cookie for the browser; `null` for native and single-page applications
 * @property expiresAt until when the callback has to come
 */
public class StoredLogin internal constructor(native: NativeStored) {
    public val url: String = native.url()
    public val binding: BrowserBinding? = native.binding()?.let(::BrowserBinding)
    public val expiresAt: Instant = Instant.ofEpochMilli(native.expiresAtMs().toLong())

    override fun toString(): String = "StoredLogin(redacted)"
}

/** A login in progress. It holds the proof key, so it is a secret. */
public class PendingLogin internal constructor(internal val native: NativePending) {
    /** The `state` parameter: the key under which the application keeps this record. */
    public val state: String = native { native.state() }

    /** When it stops being good. */
    public val expiresAt: Instant = Instant.ofEpochMilli(native { native.expiresAtMs() }.toLong())

    /** The redirect URI of this login. */
    public val redirectUri: String = native { native.redirectUri() }

    /** The record to keep where only the application can read it: JSON text. A secret. */
    public fun toRecord(): String = native { native.toRecord() }

    override fun toString(): String = "PendingLogin(redacted, expiresAt=$expiresAt)"

    public companion object {
        /**
         * Reads a record that [toRecord] wrote, in this release or an older one.
         *
         * @throws MisuseException `record_malformed`, `record_too_new`
         */
        @JvmStatic
        public fun fromRecord(record: String): PendingLogin =
            PendingLogin(native { NativePending.fromRecord(record) })
    }
}

/** The cookie that ties a browser to the login that it began. Each login has one of its own. */
public class BrowserBinding internal constructor(private val native: NativeBrowserBinding) {
    /** The cookie's name. It depends on the login's state alone. */
    public val cookieName: String = native { native.cookieName() }

    /** The cookie's value. A secret. */
    public fun exposeValue(): String = native { native.exposeValue() }

    /**
     * The whole `Set-Cookie` header value: `__Host-`, `Secure`, `HttpOnly` and `SameSite=None`, since a `form_post`
     * callback is a cross-site POST. A secret.
     */
    public fun setCookie(): String = native { native.setCookie() }

    override fun toString(): String = "BrowserBinding($cookieName, redacted)"
}

/** What the browser that brought the callback shows of its binding. */
public class Binding private constructor(internal val native: NativeBinding) {
    override fun toString(): String = "Binding(redacted)"

    public companion object {
        /** The `Cookie` header of the request that brought the callback, as it came; empty if there was none. */
        @JvmStatic
        public fun cookieHeader(header: String): Binding = Binding(native { NativeBinding.cookieHeader(header) })

        /** The value of the binding's cookie, for who reads cookies otherwise. */
        @JvmStatic
        public fun cookieValue(value: String): Binding = Binding(native { NativeBinding.cookieValue(value) })

        /** No check. Whoever can make a user's browser open a URL can then log that user in as somebody else. */
        @JvmStatic
        public fun dangerousUnbound(): Binding = Binding(native { NativeBinding.dangerousUnbound() })
    }
}

/** What came back from the browser, as it came: decoding it first would hide repeated parameters. A secret. */
public class Callback private constructor(internal val native: NativeCallback) {
    /** The state that it names, by which its pending login is found. Nothing is checked yet. */
    public val state: String? get() = native { native.state() }

    override fun toString(): String = "Callback(redacted)"

    public companion object {
        /** The whole URL that the operating system or a listener handed over. */
        @JvmStatic
        public fun url(url: String): Callback = Callback(native { NativeCallback.url(url) })

        /** The raw query string, with or without its question mark. */
        @JvmStatic
        public fun query(query: String): Callback = Callback(native { NativeCallback.query(query) })

        /** The raw body of a `form_post`, `application/x-www-form-urlencoded`. */
        @JvmStatic
        public fun formPost(body: String): Callback = Callback(native { NativeCallback.formPost(body) })
    }
}

/**
 * A login that became a session.
 *
 * @property session the session, which is saved
 * @property appData what the application gave the login to carry
 * @property identity who logged in, by a valid ID token; `null`, if the login did not ask for `openid`, so that nobody was
 *   identified
 */
public class LoggedIn internal constructor(
    public val session: Session,
    public val appData: String?,
    public val identity: IdTokenClaims?,
) {
    override fun toString(): String = "LoggedIn($session)"
}
