package dev.grantline

import kotlinx.coroutines.runBlocking
import okhttp3.Interceptor
import okhttp3.Request
import okhttp3.Response
import java.io.IOException

/**
 * Puts tokens on the requests of an OkHttp client: `OkHttpClient.Builder().addInterceptor(TokenInterceptor(api))`. OkHttp,
 * version 5 or later, is the application's own dependency.
 *
 * It is an application interceptor. OkHttp takes the token off when a redirect leads to another origin. A response that
 * refuses the token has an [apiRefusal].
 */
public class TokenInterceptor(private val api: Api) : Interceptor {
    /** @throws TokenUnavailableException if there is no token, or the request has an Authorization header already */
    override fun intercept(chain: Interceptor.Chain): Response {
        val request = chain.request()
        val hasAuthorization = request.header(AUTHORIZATION) != null
        if (!unlessUnavailable { api.admits(request.url.toString(), hasAuthorization) }) return chain.proceed(request)
        val repeatable = request.body?.let { !it.isOneShot() && !it.isDuplex() } ?: true
        return proceed(chain, isRetry = false, repeatable) ?: checkNotNull(proceed(chain, isRetry = true, repeatable = false))
    }

    /** `null`: to be sent once more. That is never so for a retry. */
    private fun proceed(chain: Interceptor.Chain, isRetry: Boolean, repeatable: Boolean): Response? {
        val token = unlessUnavailable { runBlocking { api.freshToken() } }
        val response = chain.proceed(chain.request().newBuilder().header(AUTHORIZATION, "Bearer ${token.exposeSecret()}").build())
        // A redirect has led to where the token did not go.
        if (response.request.header(AUTHORIZATION) == null) return response
        val sent = AttachedRequest(token, isRetry, repeatable)
        return when (val judgement = api.judge(response.code, response.headers(CHALLENGE), sent)) {
            is Judgement.PassOn -> judgement.refusal?.let(response::refusing) ?: response
            is Judgement.Retry -> {
                // Its connection is free for the second.
                response.close()
                null
            }
        }
    }

    private companion object {
        const val AUTHORIZATION = "Authorization"
        const val CHALLENGE = "WWW-Authenticate"
    }
}

/** What this response means, if it refuses the token. */
public val Response.apiRefusal: ApiRefusal? get() = request.tag(ApiRefusal::class.java)

/**
 * There is no token for a request of OkHttp, which passes on nothing but an [IOException].
 *
 * @property failure why
 */
public class TokenUnavailableException internal constructor(
    public val failure: GrantlineException,
) : IOException(failure.message, failure)

private inline fun <T> unlessUnavailable(call: () -> T): T =
    try {
        call()
    } catch (failure: GrantlineException) {
        throw TokenUnavailableException(failure)
    }

private fun Response.refusing(refusal: ApiRefusal): Response {
    val marked: Request = request.newBuilder().tag(ApiRefusal::class.java, refusal).build()
    return newBuilder().request(marked).build()
}
