package dev.grantline

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import okhttp3.MediaType
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody
import okhttp3.RequestBody.Companion.toRequestBody
import okio.BufferedSink
import java.net.URI
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.net.http.HttpRequest as JavaRequest

/** What an application sends to an API. */
class ApiCall(val url: String, val body: String? = null, val isOneShot: Boolean = false, val authorization: String? = null)

class ApiAnswer(val status: Int, val refusal: ApiRefusal?)

/** The HTTP clients that put a token on. */
enum class ApiSender {
    JAVA {
        override suspend fun send(api: Api, call: ApiCall): ApiAnswer {
            val request = JavaRequest.newBuilder(URI(call.url))
            call.authorization?.let { request.header("Authorization", it) }
            call.body?.let { text ->
                val whole = BodyPublishers.ofString(text)
                request.POST(if (call.isOneShot) BodyPublishers.ofInputStream { text.byteInputStream() } else whole)
            }
            val answer = ApiClient(api).send(request.build(), BodyHandlers.ofString())
            return ApiAnswer(answer.response.statusCode(), answer.refusal)
        }
    },
    OKHTTP {
        override suspend fun send(api: Api, call: ApiCall): ApiAnswer {
            val request = Request.Builder().url(call.url)
            call.authorization?.let { request.header("Authorization", it) }
            call.body?.let { request.post(if (call.isOneShot) OneShot(it) else it.toRequestBody()) }
            val client = OkHttpClient.Builder().addInterceptor(TokenInterceptor(api)).build()
            try {
                return withContext(Dispatchers.IO) {
                    client.newCall(request.build()).execute().use { ApiAnswer(it.code, it.apiRefusal) }
                }
            } catch (unavailable: TokenUnavailableException) {
                throw unavailable.failure
            }
        }
    }, ;

    abstract suspend fun send(api: Api, call: ApiCall): ApiAnswer

    private class OneShot(private val text: String) : RequestBody() {
        override fun contentType(): MediaType? = null

        override fun isOneShot() = true

        override fun writeTo(sink: BufferedSink) {
            sink.writeUtf8(text)
        }
    }
}
