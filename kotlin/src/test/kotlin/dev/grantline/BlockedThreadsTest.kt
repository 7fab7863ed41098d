package dev.grantline

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import org.junit.jupiter.api.Timeout.ThreadMode.SEPARATE_THREAD
import java.time.Duration
import java.util.concurrent.CountDownLatch

/** Stores and performers of the application that block all threads they are given. */
@Timeout(60, threadMode = SEPARATE_THREAD)
class BlockedThreadsTest {
    private val hung = CountDownLatch(CALLS)
    private val end = CountDownLatch(1)

    @AfterEach
    fun release() = end.countDown()

    private fun hang() {
        hung.countDown()
        end.await()
    }

    /** So many callers, who all wait for what hangs; then the client is closed, and they are told, if not by its time limit. */
    private suspend fun assertEnds(client: Client, timeLimit: String, ask: suspend (Int) -> AccessToken) =
        coroutineScope {
            val callers = List(CALLS) { async(Dispatchers.IO) { refused<GrantlineException> { ask(it) }.code } }
            hung.await()
            refused<CancelledException> { client.shutDown(Duration.ZERO) }
            assertOthersWork()
            assertTrue(setOf("cancelled", timeLimit).containsAll(callers.awaitAll()))
        }

    private suspend fun assertOthersWork() {
        Client(Store.blobs(MapBlobs()), KEYS, performer = JavaHttpPerformer()).use { other ->
            assertEquals(200, Emulator.visma.callApi(nativeApp(client = other).loggedIn().freshToken()))
        }
    }

    @Test
    fun `a store whose calls all hang holds up neither the end of its client nor another store`() = suspending {
        val hanging =
            object : MapBlobs() {
                override suspend fun load(name: String): ByteArray? {
                    hang()
                    return super.load(name)
                }
            }
        val client = Client(Store.blobs(hanging), KEYS)
        val app = nativeApp(client = client)
        assertEnds(client, "store_unavailable") { app.session("user-$it").freshToken() }
    }

    @Test
    fun `a performer whose calls all hang holds up neither the end of its client nor another performer`() = suspending {
        val java = JavaHttpPerformer()
        val hanging =
            HttpPerformer { request ->
                hang()
                java.perform(request)
            }
        val client = Client(performer = hanging)
        val app = serviceApp(client = client)
        assertEnds(client, "timed_out") { app.token(TenantChoice.noTenant(), READ, resource = "https://api-$it.example") }
    }

    private companion object {
        /** As many as a client has under way at once. */
        const val CALLS = 64
    }
}
