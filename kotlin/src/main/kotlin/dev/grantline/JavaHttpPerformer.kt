package dev.grantline

import java.io.ByteArrayOutputStream
import java.io.IOException
import java.io.UncheckedIOException
import java.net.ConnectException
import java.net.ProtocolException
import java.net.URI
import java.net.UnknownHostException
import java.net.http.HttpClient
import java.net.http.HttpConnectTimeoutException
import java.net.http.HttpRequest.BodyPublisher
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodySubscriber
import java.nio.ByteBuffer
import java.nio.channels.UnresolvedAddressException
import java.time.Duration
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.Flow
import java.util.concurrent.atomic.AtomicBoolean
import javax.net.ssl.SSLException
import javax.net.ssl.SSLHandshakeException
import kotlin.time.toKotlinDuration
import java.net.http.HttpRequest as JavaRequest

/**
 * An [HttpPerformer] on the JVM's own client, `java.net.http`.
 *
 * The JVM repeats a GET by itself when a connection breaks before the first byte of the response; a POST never.
 *
 * @param connectTimeout how long making a connection may take
 * @param configure further settings of the client: an SSL context, a proxy. Redirects and HTTP/2 stay off
 */
public class JavaHttpPerformer
    @JvmOverloads
    constructor(
        connectTimeout: Duration = Duration.ofSeconds(5),
        configure: (HttpClient.Builder) -> Unit = {},
    ) : HttpPerformer {
        private val client: HttpClient =
            HttpClient
                .newBuilder()
                .connectTimeout(connectTimeout)
                .also(configure)
                .followRedirects(HttpClient.Redirect.NEVER)
                .version(HttpClient.Version.HTTP_1_1)
                .build()

        override suspend fun perform(request: HttpRequest): HttpResponse {
            val body = OneShotBody(request.body)
            try {
                // The JVM's own limit ends with the response's head.
                return within(request.timeout.toKotlinDuration()) { send(request, body) }
                    ?: throw HttpFailureException(HttpFailureKind.TIMED_OUT, body.sent, "no complete response in time")
            } catch (failure: IOException) {
                throw judge(failure, body.sent)
            } catch (refused: IllegalArgumentException) {
                throw HttpFailureException(HttpFailureKind.NOT_PERFORMED, Sent.CERTAINLY_NOT, "not a request", refused)
            }
        }

        private suspend fun send(request: HttpRequest, body: OneShotBody): HttpResponse {
            val builder = JavaRequest.newBuilder(URI.create(request.url)).method(request.method, body)
            request.headers.forEach { (name, value) -> builder.header(name, value) }
            val limited = LimitedBody()
            val response = client.answer(builder.build(), { limited }, onCancel = limited::giveUp)
            val headers = response.headers().map().flatMap { (name, values) -> values.map { name to it } }
            return HttpResponse(response.statusCode(), headers, response.body())
        }
    }

private fun judge(failure: IOException, sent: Sent): HttpFailureException {
    val causes = generateSequence<Throwable>(failure) { it.cause }
    val (kind, reached) =
        when {
            failure is BodyTooLarge -> HttpFailureKind.BODY_TOO_LARGE to Sent.MAYBE
            failure is HttpConnectTimeoutException -> HttpFailureKind.TIMED_OUT to Sent.CERTAINLY_NOT
            causes.any { it is UnresolvedAddressException || it is UnknownHostException } ->
                HttpFailureKind.DNS to Sent.CERTAINLY_NOT
            failure is ConnectException -> HttpFailureKind.CONNECT to Sent.CERTAINLY_NOT
            failure is SSLHandshakeException || failure is SSLException && sent == Sent.CERTAINLY_NOT ->
                HttpFailureKind.TLS to Sent.CERTAINLY_NOT
            failure is ProtocolException -> HttpFailureKind.NOT_HTTP to sent
            sent == Sent.CERTAINLY_NOT -> HttpFailureKind.CONNECT to sent
            else -> HttpFailureKind.CONNECTION_LOST to sent
        }
    // A ProtocolException quotes what the server sent.
    val detail = if (failure is ProtocolException) "not a response of HTTP/1.1" else failure.toString()
    return HttpFailureException(kind, reached, detail, failure)
}

/**
 * A body that can be sent once. The JVM asks for it when the connection stands and, over TLS, its handshake is done:
 * until then nothing of the request has left.
 */
private class OneShotBody(bytes: ByteArray?) : BodyPublisher {
    private val asked = AtomicBoolean()
    private val published = if (bytes == null) BodyPublishers.noBody() else BodyPublishers.ofByteArray(bytes)

    /** A request without a body leaves without asking for one. */
    val sent: Sent get() = if (asked.get() || contentLength() == 0L) Sent.MAYBE else Sent.CERTAINLY_NOT

    override fun contentLength(): Long = published.contentLength()

    override fun subscribe(subscriber: Flow.Subscriber<in ByteBuffer>) {
        if (asked.compareAndSet(false, true)) {
            published.subscribe(subscriber)
        } else {
            BodyPublishers.ofInputStream { throw UncheckedIOException(IOException("a body is sent once")) }.subscribe(subscriber)
        }
    }
}

private class BodyTooLarge : IOException("the response is longer than ${HttpPerformer.MAX_RESPONSE_BODY} bytes")

/** Reads a body of bounded length. */
private class LimitedBody : BodySubscriber<ByteArray> {
    private val read = ByteArrayOutputStream()
    private val whole = CompletableFuture<ByteArray>()

    @Volatile
    private var subscription: Flow.Subscription? = null

    override fun getBody(): CompletionStage<ByteArray> = whole

    override fun onSubscribe(subscription: Flow.Subscription) {
        this.subscription = subscription
        subscription.request(Long.MAX_VALUE)
    }

    override fun onNext(chunks: List<ByteBuffer>) {
        for (chunk in chunks) {
            if (read.size() + chunk.remaining() > HttpPerformer.MAX_RESPONSE_BODY) {
                whole.completeExceptionally(BodyTooLarge())
                return giveUp()
            }
            val bytes = ByteArray(chunk.remaining()).also(chunk::get)
            read.write(bytes, 0, bytes.size)
        }
    }

    override fun onError(failure: Throwable) {
        whole.completeExceptionally(failure)
    }

    override fun onComplete() {
        whole.complete(read.toByteArray())
    }

    fun giveUp() {
        subscription?.cancel()
    }
}
