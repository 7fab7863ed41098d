package dev.grantline

import dev.grantline.ffi.BlobWork
import dev.grantline.ffi.Disposable
import dev.grantline.ffi.SharedWork
import dev.grantline.ffi.StoreReply
import dev.grantline.ffi.StoredBytes
import dev.grantline.ffi.use
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.launch
import dev.grantline.ffi.InternalException as NativePanic
import dev.grantline.ffi.StoreFailureKind as NativeKind

/**
 * Does the work of the application's stores, each piece on its own, in a scope that no caller can end: a refresh that was
 * sent must still be saved. A store's loop ends by itself when neither the application nor a client has the store any more.
 */
internal object StoreLoop {
    private val scope = CoroutineScope(SupervisorJob() + ownThreads)

    fun <Q : Disposable, W : Disposable> run(queue: Q, next: suspend Q.() -> W?, answer: suspend (W) -> Unit) {
        val threads = threadsToBlock()
        scope.launch {
            try {
                while (true) {
                    val work = queue.next() ?: break
                    scope.launch(threads) { work.use { answer(it) } }
                }
            } catch (_: NativePanic) {
                // Whoever waits for the store is told, since the queue goes.
            } finally {
                queue.destroy()
            }
        }
    }
}

internal suspend fun BlobWork.answerFrom(store: BlobStore) =
    when (this) {
        is BlobWork.Load -> reply.with { loaded(store.load(name)) }
        is BlobWork.Save ->
            reply.with {
                store.save(name, bytes.taken())
                done()
            }
        is BlobWork.Delete ->
            reply.with {
                store.delete(name)
                done()
            }
        is BlobWork.List -> reply.with { listed(store.list(prefix)) }
    }

internal suspend fun SharedWork.answerFrom(store: SharedStore) =
    when (this) {
        is SharedWork.Load -> reply.with { loaded(store.load(name)) }
        is SharedWork.Replace -> reply.with { decided(store.replace(name, expected, bytes.taken())) }
        is SharedWork.Delete -> reply.with { decided(store.delete(name, expected)) }
        is SharedWork.List -> reply.with { listed(store.list(prefix, after, limit.toInt())) }
    }

/** Once only: the native copy is wiped now, and not when the JVM gets round to it. */
private fun StoredBytes.taken() = use { it.exposeSecret() }

private fun StoreReply.loaded(snapshot: Snapshot) =
    when (val kept = snapshot.kept) {
        null -> loadedNothing(snapshot.clockMillis)
        else -> loadedVersion(snapshot.clockMillis, kept.version, kept.bytes)
    }

/** Whatever the store throws is an answer: somebody waits for one. */
private inline fun StoreReply.with(work: StoreReply.() -> Unit) =
    try {
        work()
    } catch (failure: StoreFailureException) {
        failed(NativeKind.valueOf(failure.kind.name), failure.message.orEmpty())
    } catch (fault: Throwable) {
        // Only its class: nobody knows what the message holds.
        failed(NativeKind.MISBEHAVED, fault.javaClass.name)
    }
