package dev.grantline

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.joinAll
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path

class CancellationTest {
    @TempDir
    lateinit var folder: Path

    private val tenant = TenantChoice.tenant(FJORD_BAKERY)

    @AfterEach
    fun release() = Emulator.visma.release()

    /** Sixteen coroutines that have asked and wait; the answer is held back, and has been asked for once. */
    private fun CoroutineScope.sixteen(clientId: String, ask: suspend () -> AccessToken): List<Deferred<AccessToken>> {
        val before = Emulator.visma.tokenRequests(clientId).size
        Emulator.visma.reply(clientId, delayMs = 60_000)
        val callers = List(16) { async(start = CoroutineStart.UNDISPATCHED) { ask() } }
        Emulator.visma.awaitTokenRequests(clientId, before + 1)
        return callers
    }

    private suspend fun List<Deferred<AccessToken>>.cancelled() {
        forEach { it.cancel() }
        joinAll()
        assertTrue(all { it.isCancelled })
    }

    @Test
    fun `fifteen of sixteen callers go away and the last has its token by one request`() = suspending {
        val before = Emulator.visma.tokenRequests("isv_service").size
        val app = serviceApp()
        val callers = sixteen("isv_service") { app.token(tenant, READ) }
        callers.drop(1).cancelled()
        Emulator.visma.release()
        assertEquals(200, Emulator.visma.callApi(callers.first().await()))
        assertEquals(before + 1, Emulator.visma.tokenRequests("isv_service").size)
    }

    @Test
    fun `all callers go away and the next finds the token`() = suspending {
        val before = Emulator.visma.tokenRequests("isv_service").size
        val app = serviceApp()
        sixteen("isv_service") { app.token(tenant, READ) }.cancelled()
        Emulator.visma.release()
        assertEquals(200, Emulator.visma.callApi(app.token(tenant, READ)))
        assertEquals(before + 1, Emulator.visma.tokenRequests("isv_service").size)
    }

    @Test
    fun `a session is refreshed once for sixteen callers of which fifteen go away`() = suspending {
        clientOn(folder).use { client ->
            val session = nativeApp(client = client).loggedInLongAgo("anna's")
            val before = Emulator.visma.tokenRequests("isv_native").size
            val callers = sixteen("isv_native") { session.freshToken() }
            callers.drop(1).cancelled()
            Emulator.visma.release()
            val token = callers.first().await()
            assertEquals(2, token.generation)
            assertEquals(token.exposeSecret(), session.freshToken().exposeSecret())
            assertEquals(before + 1, Emulator.visma.tokenRequests("isv_native").size)
        }
    }

    @Test
    fun `a session's callers all go away and the next finds the new token saved`() = suspending {
        clientOn(folder).use { client ->
            val session = nativeApp(client = client).loggedInLongAgo("anna's")
            val before = Emulator.visma.tokenRequests("isv_native").size
            sixteen("isv_native") { session.freshToken() }.cancelled()
            Emulator.visma.release()
            val token = session.freshToken()
            assertEquals(2, token.generation)
            assertTrue(token.isSaved)
            clientOn(folder).use { other ->
                val same = nativeApp(client = other).session("anna's").freshToken()
                assertEquals(token.exposeSecret(), same.exposeSecret())
            }
            assertEquals(before + 1, Emulator.visma.tokenRequests("isv_native").size)
        }
    }

    @Test
    fun `a session ends although who ended it goes away`() = suspending {
        clientOn(folder).use { client ->
            val app = nativeApp(client = client)
            val session = app.loggedIn("anna's")
            val other = app.session("anna's").also { it.freshToken() }
            val ended = async(start = CoroutineStart.UNDISPATCHED) { client.events().first { it is Event.SessionEnded } }
            Emulator.visma.reply("isv_native", delayMs = 60_000, path = "/connect/revocation")
            val ending = async(start = CoroutineStart.UNDISPATCHED) { session.end() }
            ending.cancelAndJoin()
            ended.await()
            // The server has not answered yet.
            assertRefused("session_ended") { other.freshToken() }
            Emulator.visma.release()
        }
        clientOn(folder).use { assertRefused("session_ended") { nativeApp(client = it).session("anna's").freshToken() } }
    }
}
