package dev.grantline

import java.time.Duration
import dev.grantline.ffi.BrowserLogin as NativeBrowserLogin
import dev.grantline.ffi.BrowserLoginOptions as NativeOptions
import dev.grantline.ffi.LoginPage as NativePage

/**
 * A login that waits for its user in the system's browser: [NativeApp.beginBrowserLogin].
 *
 * It ends when the user comes back, by [cancel] or [close], and at its time limit. Its port is free again before the outcome
 * is known. One that is forgotten ends at its time limit, or when it is collected.
 */
public class BrowserLogin internal constructor(
    private val native: NativeBrowserLogin,
    private val sessions: Sessions,
    private val isOpenedByHand: Boolean,
) : AutoCloseable {
    /** Where the browser goes: to be shown to the user where no browser could be opened. */
    public val url: String = native { native.url() }

    /**
     * Whether a browser was opened, once that is known: within a few seconds.
     *
     * @throws CancelledException in a process that was forked off
     */
    public suspend fun browserOpened(): Boolean = isOpenedByHand || native { native.browserOpened(null) }

    /**
     * Takes the URL that the user copied from the browser's address bar: over SSH the browser is on another machine, and
     * finds nobody at the redirect URI.
     *
     * @throws ServerMisbehavedException if it is not this login's answer, which may still come
     */
    public fun paste(redirectedUrl: String): Unit = native { native.paste(redirectedUrl) }

    /** Ends the login. Its outcome is [CancelledException], unless it has one. */
    public fun cancel(): Unit = native { native.cancel() }

    /**
     * Waits for the session. It may be asked for more than once; a coroutine that is cancelled ends its waiting alone.
     *
     * @throws ServerMisbehavedException `login_timed_out`, when nobody came back in time
     * @throws ServerRefusedException if the server or the user refused: `access_denied`, say
     * @throws GrantlineException as [NativeApp.completeLogin]
     */
    public suspend fun outcome(): LoggedIn = sessions.loggedIn(native { native.outcome(null) })

    /** As [cancel]. */
    override fun close(): Unit = cancel()

    override fun toString(): String = "BrowserLogin(redacted)"
}

internal fun printUrl(url: String): Unit = System.err.println("Open this URL in a browser to log in: $url")

/**
 * How a login in the system's browser goes about it.
 *
 * @property timeLimit how long to wait for the user to come back; 5 minutes unless given, 10 at most
 * @property port the port to listen on instead of the redirect URI's, 0 for any free one. The provider has to accept it
 * @property openBrowser whether a browser is opened at all
 * @property openWith opens the browser instead of the system's way, called by whoever begins the login. What it throws ends
 *   the login
 * @property showUrl shows the URL to the user where no browser could be opened, for [NativeApp.logInWithBrowser], instead
 *   of a line on standard error. An application whose standard error nobody reads needs it
 * @property donePage what the browser shows when the user is logged in
 * @property failedPage what the browser shows when the login failed, for whatever reason
 */
public class BrowserLoginOptions
    @JvmOverloads
    constructor(
        public val timeLimit: Duration? = null,
        public val port: Int? = null,
        public val openBrowser: Boolean = true,
        public val openWith: ((String) -> Unit)? = null,
        public val showUrl: ((String) -> Unit)? = null,
        public val donePage: LoginPage? = null,
        public val failedPage: LoginPage? = null,
    ) {
        init {
            require(port == null || port in 0..MAX_PORT) { "port $port is not one of 0 to $MAX_PORT" }
        }

        internal fun native() =
            NativeOptions(
                timeLimitMs = timeLimit?.toMillis()?.coerceAtLeast(0)?.toULong(),
                port = port?.toUShort(),
                openBrowser = openBrowser && openWith == null,
                donePage = donePage?.native,
                failedPage = failedPage?.native,
            )

        private companion object {
            const val MAX_PORT = 65_535
        }
    }

/**
 * A page of the application's own. It is shown under a policy that lets it load nothing: no script, and no style, picture or
 * font but what stands in it.
 */
public class LoginPage private constructor(internal val native: NativePage) {
    public companion object {
        /**
         * A title and a message as plain text, in grantline's own layout.
         *
         * @param language a BCP 47 tag, such as `nb`
         */
        @JvmStatic
        public fun text(language: String, title: String, message: String): LoginPage =
            LoginPage(NativePage.Text(language, title, message))

        /** A whole HTML document, sent as it is: what is put into it has to be escaped before. */
        @JvmStatic
        public fun html(document: String): LoginPage = LoginPage(NativePage.Html(document))
    }
}
