package dev.grantline

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import dev.grantline.ffi.Revocation as NativeRevocation
import dev.grantline.ffi.Session as NativeSession

/** A handle on a user's session. */
public class Session internal constructor(
    private val native: NativeSession,
    private val client: Client,
    private val token: GrantToken,
) {
    /** Its name: keep it, for instance in the user's cookie session, to find the session again. */
    public val id: String = native { native.id() }

    /**
     * An access token that is good now. It is refreshed when it has to be, by one request for all who ask; the new
     * refresh token is saved before anybody sees the access token. While the token is fresh this costs no native call.
     *
     * @throws ServerRefusedException `session_unknown`, `session_ended`, `no_refresh_token`, all with the advice to log
     *   in again. Whoever asks first after the server has ended the session gets its own word, `invalid_grant` (at Visma
     *   Connect also `invalid_scope`), or `refresh_outcome_unknown` where the answer to an earlier refresh was lost, with
     *   the same advice
     * @throws GrantlineException whatever else keeps the server or the store from answering; nothing is lost by it
     */
    public suspend fun freshToken(): AccessToken = token.fresh()

    /**
     * A new access token, although the one in hand is still fresh.
     *
     * @throws GrantlineException as [freshToken]
     */
    public suspend fun refresh(): AccessToken = token.refresh()

    /**
     * An API refused this token although it is not past its time: it is not handed out again, by any handle on this
     * session, and whoever asks next gets a later one. If there is a later one already, nothing happens.
     */
    public fun invalidate(token: AccessToken): Unit = this.token.invalidate(token)

    /**
     * Ends the session: in the store, so that nobody refreshes it any more, and at the server, where that takes the
     * refresh token back (RFC 7009). It is over whatever the server says; a later login may use its name again. A coroutine
     * that is cancelled meanwhile does not stop it.
     *
     * This client hands out its access token no more. Another process that has it in memory does so until it would fetch
     * the next one, shortly before the token's end: an API that has to know sooner asks the server.
     *
     * @throws StoreException if the store did not take note: then it is not over
     */
    public suspend fun end(): Revocation {
        val ending =
            client.scope.async(start = CoroutineStart.UNDISPATCHED) {
                token.whileEnding { native { native.end(null) } }
            }
        return Revocation.of(ending.await())
    }

    /**
     * Who logged in, by the session's valid ID token; `null`, if its login did not ask for `openid`. Read from the store.
     *
     * @throws ServerRefusedException `session_unknown`, `session_ended`
     * @throws StoreException whatever keeps the store from answering
     */
    public suspend fun identity(): IdTokenClaims? = native { native.identity(null) }?.let(::IdTokenClaims)

    /**
     * What the provider says of the user (OpenID Connect Core section 5.3): with a token of this session, which is replaced
     * once if the provider refuses it. An answer about anybody but the user who logged in is refused.
     *
     * @throws ServerMisbehavedException `user_info_subject_mismatch`
     * @throws GrantlineException as [identity] and [freshToken]; `endpoint_missing`; the provider's refusal, such as
     *   `insufficient_scope`
     */
    public suspend fun userInfo(): UserInfo = UserInfo(native { native.userInfo(null) })

    /**
     * Ends the session here, as [end], and makes the URL that ends the user's session at the provider (OpenID Connect
     * RP-Initiated Logout): send the browser there. The session ends first: where the provider's metadata cannot be had, there
     * is no URL, and [LogoutRedirect.failure] says why.
     *
     * @param postLogoutRedirectUri where the browser comes back to, as it is registered; Visma Connect follows it only if the
     *   login asked for `openid`
     * @param uiLocales the languages of the provider's page by preference, separated by spaces
     * @throws StoreException if the store did not take note: then it is not over
     */
    @JvmOverloads
    public suspend fun beginLogout(postLogoutRedirectUri: String? = null, uiLocales: String? = null): BegunLogout {
        val ending =
            client.scope.async(start = CoroutineStart.UNDISPATCHED) {
                token.whileEnding { native { native.beginLogout(postLogoutRedirectUri, uiLocales, null) } }
            }
        return BegunLogout(ending.await())
    }

    /**
     * An API at these origins, whose requests go out with this session's tokens. Keep it: it remembers whether replacing a
     * refused token was of use.
     *
     * @param origins each a scheme, a host and perhaps a port: `https://api.example`
     * @throws MisuseException `invalid_api_origin`, `insecure_api_origin`
     */
    public fun api(vararg origins: String): Api = Api(token, origins.asList())

    override fun toString(): String = "Session(id=$id)"
}

/** Whether the server was told that a session is over. */
public sealed class Revocation {
    /** The server revoked the refresh token. */
    public data object Done : Revocation()

    /** There was no session, or none with a refresh token. */
    public data object NothingToRevoke : Revocation()

    /** The provider has no revocation: the refresh token is forgotten here, and stays good there until it expires. */
    public data object NotOffered : Revocation()

    /**
     * The server could not be told, which leaves it as [NotOffered] does.
     *
     * @property error why
     */
    public class Failed internal constructor(public val error: GrantlineException) : Revocation() {
        override fun toString(): String = "Failed(${error.code})"
    }

    internal companion object {
        fun of(native: NativeRevocation): Revocation =
            when (native) {
                is NativeRevocation.Done -> Done
                is NativeRevocation.NothingToRevoke -> NothingToRevoke
                is NativeRevocation.NotOffered -> NotOffered
                is NativeRevocation.Failed -> Failed(native.error.asException())
            }
    }
}
