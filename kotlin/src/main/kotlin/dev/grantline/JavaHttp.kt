package dev.grantline

import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withTimeoutOrNull
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.net.http.HttpResponse.BodyHandler
import java.util.concurrent.CompletionException
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.TimeSource

/** Waits for the response. Who is cancelled gives the request up, and [onCancel] what belongs to it. */
internal suspend fun <T> HttpClient.answer(
    request: HttpRequest,
    body: BodyHandler<T>,
    onCancel: () -> Unit = {},
): HttpResponse<T> =
    suspendCancellableCoroutine { waiting ->
        val answer = sendAsync(request, body)
        waiting.invokeOnCancellation {
            onCancel()
            answer.cancel(true)
        }
        answer.whenComplete { response, failure ->
            if (failure == null) waiting.resume(response) else waiting.resumeWithException(cause(failure))
        }
    }

private fun cause(failure: Throwable): Throwable = (failure as? CompletionException)?.cause ?: failure

/** A timer that goes off so much too late was not waiting but stopped, with its process. */
private val OVERSLEPT = 500.milliseconds

/** How long a process that was stopped listens for an answer that is there already. */
private val AFTER_WAKING = 500.milliseconds

/**
 * Waits for so long. A process that was stopped beyond that reads first what came meanwhile: it may be tokens that nobody
 * else has.
 */
internal suspend fun <T : Any> within(
    limit: Duration,
    clock: TimeSource = TimeSource.Monotonic,
    exchange: suspend () -> T,
): T? =
    coroutineScope {
        val answer = async { exchange() }
        val began = clock.markNow()
        val first = withTimeoutOrNull(limit) { answer.await() }
        val overslept = began.elapsedNow() >= limit + OVERSLEPT
        (first ?: if (overslept) withTimeoutOrNull(AFTER_WAKING) { answer.await() } else null).also { answer.cancel() }
    }
