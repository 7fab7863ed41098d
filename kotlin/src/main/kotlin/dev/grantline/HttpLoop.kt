package dev.grantline

import dev.grantline.ffi.HttpHeader
import dev.grantline.ffi.HttpWork
import dev.grantline.ffi.HttpWorkId
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch
import java.time.Duration
import java.util.concurrent.ConcurrentHashMap
import dev.grantline.ffi.Client as NativeClient
import dev.grantline.ffi.HttpFailureKind as NativeKind
import dev.grantline.ffi.HttpRequest as NativeRequest
import dev.grantline.ffi.Sent as NativeSent

/**
 * Takes work from the native side, has it performed, and gives the replies back. It runs in a scope of its own: a
 * caller's scope may end at any time, and the answer to a refresh that was sent must still be saved.
 */
internal class HttpLoop(
    private val native: NativeClient,
    private val performer: HttpPerformer,
) : AutoCloseable {
    private val scope = CoroutineScope(SupervisorJob() + ownThreads)
    private val running = ConcurrentHashMap<HttpWorkId, Job>()

    init {
        scope.launch {
            while (true) {
                when (val work = native.nextHttpWork() ?: break) {
                    is HttpWork.Perform -> start(work)
                    is HttpWork.Cancel -> running[work.id]?.cancel()
                }
            }
        }
    }

    override fun close() {
        native.shutDownHttp()
        scope.cancel()
    }

    private fun start(work: HttpWork.Perform) {
        // It stands in the table before it runs, so that it is there to be cancelled and removed.
        val job = scope.launch(start = CoroutineStart.LAZY) { perform(work) }
        running[work.id] = job
        job.invokeOnCompletion { running.remove(work.id) }
        job.start()
    }

    private suspend fun perform(work: HttpWork.Perform) {
        try {
            val response = performer.perform(work.request.use { it.copied() })
            val headers = response.headers.map { (name, value) -> HttpHeader(name, value) }
            native.replyHttpResponse(work.id, response.status.toUShort(), headers, response.body)
        } catch (failure: HttpFailureException) {
            val (kind, sent) = NativeKind.valueOf(failure.kind.name) to NativeSent.valueOf(failure.sent.name)
            native.replyHttpFailure(work.id, kind, sent, failure.message.orEmpty())
        } catch (cancelled: CancellationException) {
            native.replyHttpFailure(work.id, NativeKind.NOT_PERFORMED, NativeSent.MAYBE, "the request was given up")
            throw cancelled
        } catch (fault: Exception) {
            // Only its class: nobody knows what the message holds.
            native.replyHttpFailure(work.id, NativeKind.NOT_PERFORMED, NativeSent.MAYBE, fault.javaClass.name)
        }
    }

    private fun NativeRequest.copied() =
        HttpRequest(
            method = method(),
            url = url(),
            headers = exposeHeaders().map { it.name to it.value },
            body = exposeBody(),
            timeout = Duration.ofMillis(timeoutMs().toLong()),
        )
}
