package dev.grantline

import dev.grantline.ffi.BlobWork
import dev.grantline.ffi.BlobWorkQueue
import dev.grantline.ffi.InternalException
import dev.grantline.ffi.NoHandle
import dev.grantline.ffi.SharedWork
import dev.grantline.ffi.StoredBytes
import dev.grantline.ffi.blobStore
import dev.grantline.ffi.sharedStore
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout

class StoreLoopTest {
    private lateinit var given: StoredBytes

    @Test
    fun `what a blob store is to keep has left the native memory when it is asked`() = suspending {
        var hadLeft = false
        val blobs =
            object : MapBlobs() {
                override suspend fun save(name: String, bytes: ByteArray) {
                    hadLeft = given.uniffiIsDestroyed
                }
            }
        val (place, queue) = blobStore()
        val checking = async(Dispatchers.Default) { place.check() }
        do {
            val work = queue.next()!!
            if (work is BlobWork.Save) given = work.bytes
            work.answerFrom(blobs)
        } while (work !is BlobWork.Save)
        assertTrue(hadLeft)
        checking.cancel()
    }

    @Test
    fun `what a shared store was given to keep has left the native memory when it has answered`() = suspending {
        val (place, queue) = sharedStore()
        val checking = async(Dispatchers.Default) { place.check() }
        do {
            val work = queue.next()!!
            if (work is SharedWork.Replace) given = work.bytes
            work.answerFrom(MapShared())
        } while (work !is SharedWork.Replace)
        assertTrue(given.uniffiIsDestroyed)
        checking.cancel()
    }

    @Test
    @Timeout(60)
    fun `whoever asks a store is told once the native side hands out no more work`() = suspending {
        val (place, queue) = blobStore()
        val gone = CompletableDeferred<Unit>()
        val panicking =
            object : BlobWorkQueue(NoHandle) {
                override suspend fun next(): BlobWork? = throw InternalException("a panic")

                override fun destroy() {
                    queue.destroy()
                    gone.complete(Unit)
                }
            }
        StoreLoop.run(panicking, { next() }) { it.answerFrom(MapBlobs()) }
        gone.await()
        assertTrue(place.check().broken.any { "nobody does its work any more" in it.how })
    }
}
