package dev.grantline

import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.net.http.HttpResponse.BodyHandler
import java.net.http.HttpResponse.BodySubscribers
import java.time.Duration

/**
 * Sends API requests with a token, by the JVM's own client.
 *
 * Redirects are not followed: a response that is one comes back as it is.
 *
 * ```kotlin
 * val invoices = ApiClient(session.api("https://api.example"))
 * val answer = invoices.send(HttpRequest.newBuilder(URI("https://api.example/v1/invoices")).build(), BodyHandlers.ofString())
 * answer.refusal?.let { log.warn(it.message) }
 * ```
 *
 * @param connectTimeout how long making a connection may take
 * @param configure further settings of the client: an SSL context, a proxy. Redirects stay off
 */
public class ApiClient
    @JvmOverloads
    constructor(
        private val api: Api,
        connectTimeout: Duration = Duration.ofSeconds(5),
        configure: (HttpClient.Builder) -> Unit = {},
    ) {
        private val client: HttpClient =
            HttpClient
                .newBuilder()
                .connectTimeout(connectTimeout)
                .also(configure)
                // The JVM would take the token along to wherever a redirect leads.
                .followRedirects(HttpClient.Redirect.NEVER)
                .build()

        /**
         * Sends a request, with a token if it goes to one of the API's origins.
         *
         * @param repeatable whether the body can be sent a second time; unless said, one of known length can
         * @throws MisuseException `authorization_present`, if the request has an Authorization header already
         * @throws GrantlineException whatever keeps the token from being got, as of [Session.freshToken]
         * @throws java.io.IOException the JVM's own; whether the request arrived is then not known
         */
        @JvmOverloads
        public suspend fun <T> send(
            request: HttpRequest,
            body: BodyHandler<T>,
            repeatable: Boolean = request.bodyPublisher().map { it.contentLength() >= 0 }.orElse(true),
        ): ApiResponse<T> {
            val hasAuthorization = request.headers().firstValue(AUTHORIZATION).isPresent
            if (!api.admits(request.uri().toString(), hasAuthorization)) {
                return ApiResponse(client.answer(request, body), null)
            }
            return sendWithToken(request, body, isRetry = false, repeatable)
                ?: checkNotNull(sendWithToken(request, body, isRetry = true, repeatable = false))
        }

        /** `null`: to be sent once more. That is never so for a retry. */
        private suspend fun <T> sendWithToken(
            request: HttpRequest,
            body: BodyHandler<T>,
            isRetry: Boolean,
            repeatable: Boolean,
        ): ApiResponse<T>? {
            val sent = AttachedRequest(api.freshToken(), isRetry, repeatable)
            val judging = JudgingHandler(api, sent, body)
            val response = client.answer(request.with(sent.token), judging)
            return (judging.judgement as? Judgement.PassOn)?.let { ApiResponse(response, it.refusal) }
        }

        override fun toString(): String = "ApiClient"
    }

/**
 * An API's answer.
 *
 * @property response the response, of whatever status
 * @property refusal what it means, if it refuses the token
 */
public class ApiResponse<T> internal constructor(
    public val response: HttpResponse<T>,
    public val refusal: ApiRefusal?,
) {
    override fun toString(): String = "ApiResponse(${response.statusCode()}, refusal=$refusal)"
}

/** Judges by the head, and leaves the body of a response that nobody sees. */
private class JudgingHandler<T>(
    private val api: Api,
    private val sent: AttachedRequest,
    private val body: BodyHandler<T>,
) : BodyHandler<T> {
    @Volatile
    var judgement: Judgement = Judgement.PassOn(null)
        private set

    override fun apply(head: HttpResponse.ResponseInfo): HttpResponse.BodySubscriber<T> {
        judgement = api.judge(head.statusCode(), head.headers().allValues(CHALLENGE), sent)
        return if (judgement is Judgement.Retry) BodySubscribers.replacing(null) else body.apply(head)
    }
}

private const val AUTHORIZATION = "Authorization"
private const val CHALLENGE = "WWW-Authenticate"

private fun HttpRequest.with(token: AccessToken): HttpRequest =
    HttpRequest.newBuilder(this) { _, _ -> true }.setHeader(AUTHORIZATION, "Bearer ${token.exposeSecret()}").build()
