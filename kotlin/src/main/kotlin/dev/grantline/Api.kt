package dev.grantline

import dev.grantline.ffi.ApiAccess
import dev.grantline.ffi.ApiVerdict
import dev.grantline.ffi.ApiRefusal as NativeRefusal

/**
 * An API, and the grant whose tokens its requests go out with: [ApiClient] sends them by `java.net.http`,
 * [TokenInterceptor] by OkHttp.
 *
 * A request to one of the API's origins gets a token that is good now. If the API answers 401 with `invalid_token` all the
 * same, the token is replaced and the request sent once more, where its body can be. What comes back then is passed on,
 * with advice where it is still a refusal. A request to any other origin goes without a token.
 */
public class Api internal constructor(private val token: GrantToken, origins: List<String>) {
    private val access = native { ApiAccess(origins) }

    internal fun admits(url: String, hasAuthorization: Boolean): Boolean = native { access.admits(url, hasAuthorization) }

    internal suspend fun freshToken(): AccessToken = token.fresh()

    /** What the response to a request with that token means. A token that is no good is not handed out again. */
    internal fun judge(status: Int, challenges: List<String>, sent: AttachedRequest): Judgement {
        val (used, isRetry, repeatable) = sent
        return when (val verdict = native { access.judge(status.toUShort(), challenges, used.native, isRetry, repeatable) }) {
            is ApiVerdict.Accepted -> Judgement.PassOn(null)
            is ApiVerdict.PassOn -> Judgement.PassOn(ApiRefusal(verdict.refusal))
            is ApiVerdict.InvalidateAndPassOn -> Judgement.PassOn(ApiRefusal(verdict.refusal)).also { token.invalidate(used) }
            is ApiVerdict.RefreshAndRetry -> Judgement.Retry.also { token.invalidate(used) }
        }
    }

    override fun toString(): String = "Api"
}

/**
 * A request that went out with a token.
 *
 * @property isRetry it went out before, with another token
 * @property repeatable it can go out again
 */
internal data class AttachedRequest(val token: AccessToken, val isRetry: Boolean, val repeatable: Boolean)

internal sealed interface Judgement {
    /** Send it once more, with a fresh token. */
    data object Retry : Judgement

    /** Give the response to the caller. */
    class PassOn(val refusal: ApiRefusal?) : Judgement
}

/**
 * An API refused a request that had a token.
 *
 * @property code the stable name of the reason: `api_token_invalid`, `api_token_invalid_though_new`,
 *   `api_insufficient_scope`, `api_token_not_seen`, `api_unexplained`
 * @property advice what to do about it
 * @property status the response's status
 * @property scopes the scopes that the API wants, where it says so. The server's word: show it, and ask for it only if it is
 *   among those that the application knows
 * @property message what it means and what to change, for a person
 */
public class ApiRefusal internal constructor(native: NativeRefusal) {
    public val code: String = native.code
    public val advice: Advice = named(native.advice, Advice.REPORT_BUG)
    public val status: Int = native.status.toInt()
    public val scopes: List<String>? = native.scopes
    public val message: String = native.text

    override fun toString(): String = "$code: $message"
}
