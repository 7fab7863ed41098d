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
import dev.grantline.ffi.ClientInterface as NativeClient
import dev.grantline.ffi.HttpFailureKind as NativeKind
import dev.grantline.ffi.HttpRequest as NativeRequest
import dev.grantline.ffi.InternalException as NativePanic
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
    private val threads = threadsToBlock()
    private val running = ConcurrentHashMap<HttpWorkId, Job>()

    init {
        scope.launch {
            try {
                while (true) {
                    when (val work = native.nextHttpWork() ?: break) {
                        is HttpWork.Perform -> start(work)
                        is HttpWork.Cancel -> running[work.id]?.cancel()
                    }
                }
            } catch (_: NativePanic) {
                // Whoever waits for a request is told, since nobody takes any from now on.
                native.shutDownHttp()
            }
        }
    }

    override fun close() {
        native.shutDownHttp()
        scope.cancel()
    }

    private fun start(work: HttpWork.Perform) {
        // It stands in the table before it runs, so that it is there to be cancelled and removed.
        val job = scope.launch(threads, CoroutineStart.LAZY) { perform(work) }
        running[work.id] = job
        job.invokeOnCompletion { running.remove(work.id) }
        job.start()
    }

    private suspend fun perform(work: HttpWork.Perform) {
        try {
            reply(work.id, performer.perform(work.request.use { it.copied() }))
        } catch (failure: HttpFailureException) {
            val (kind, sent) = NativeKind.valueOf(failure.kind.name) to NativeSent.valueOf(failure.sent.name)
            native.replyHttpFailure(work.id, kind, sent, failure.message.orEmpty())
        } catch (cancelled: CancellationException) {
            native.replyHttpFailure(work.id, NativeKind.NOT_PERFORMED, NativeSent.MAYBE, "the request was given up")
            throw cancelled
        } catch (fault: Throwable) {
            // Only its class: nobody knows what the message holds.
            native.replyHttpFailure(work.id, NativeKind.NOT_PERFORMED, NativeSent.MAYBE, fault.javaClass.name)
        }
    }

    private fun reply(id: HttpWorkId, response: HttpResponse) {
        require(response.status in 100..999)
        val headers = response.headers.map { (name, value) -> HttpHeader(name, value) }
        native.replyHttpResponse(id, response.status.toUShort(), headers, response.body)
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
