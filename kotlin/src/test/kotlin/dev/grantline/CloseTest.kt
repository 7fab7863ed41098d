package dev.grantline

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path
import java.time.Duration

/** The end of a client waits for what was sent. */
class CloseTest {
    @TempDir
    lateinit var folder: Path

    @AfterEach
    fun release() = Emulator.visma.release()

    /** A refresh that has reached the server, whose answer is held back. */
    private fun CoroutineScope.refreshing(session: Session): Deferred<AccessToken> {
        val before = Emulator.visma.tokenRequests("isv_native").size
        Emulator.visma.reply("isv_native", delayMs = 60_000)
        val refresh = async(start = CoroutineStart.UNDISPATCHED) { session.refresh() }
        Emulator.visma.awaitTokenRequests("isv_native", before + 1)
        return refresh
    }

    private suspend fun assertSaved(generation: Long) {
        val before = Emulator.visma.tokenRequests("isv_native").size
        clientOn(folder).use { client ->
            val token = nativeApp(client = client).session("anna's").freshToken()
            assertEquals(generation, token.generation)
            assertEquals(200, Emulator.visma.callApi(token))
        }
        assertEquals(before, Emulator.visma.tokenRequests("isv_native").size)
    }

    @Test
    fun `closing waits until what was sent is answered and saved`() = suspending {
        val client = clientOn(folder)
        val session = nativeApp(client = client).loggedIn("anna's")
        val refresh = refreshing(session)
        val closing = async(Dispatchers.IO) { client.close() }
        assertRefusedFromNowOn(session)
        assertFalse(closing.isCompleted)
        Emulator.visma.release()
        closing.await()
        assertEquals(2, refresh.await().generation)
        assertSaved(generation = 2)
        client.close()
    }

    /** The end of a client begins on another thread. */
    private suspend fun assertRefusedFromNowOn(session: Session) {
        while (true) {
            try {
                session.freshToken()
            } catch (closed: MisuseException) {
                return assertEquals("client_closed", closed.code)
            }
        }
    }

    @Test
    fun `closing in a scope that is cancelled waits as well`() = suspending {
        val client = clientOn(folder)
        val session = nativeApp(client = client).loggedIn("anna's")
        val user =
            launch(Dispatchers.IO, CoroutineStart.UNDISPATCHED) {
                client.use { awaitCancellation() }
            }
        val refresh = refreshing(session)
        refresh.cancelAndJoin()
        launch(Dispatchers.IO) {
            // The scope's end has begun by then.
            assertRefusedFromNowOn(session)
            Emulator.visma.release()
        }
        user.cancelAndJoin()
        assertSaved(generation = 2)
    }

    @Test
    fun `a coroutine that is cancelled while it shuts down waits as well`() = suspending {
        val client = clientOn(folder)
        val session = nativeApp(client = client).loggedIn("anna's")
        refreshing(session).cancelAndJoin()
        val ending = launch(start = CoroutineStart.UNDISPATCHED) { client.shutDown() }
        ending.cancel()
        Emulator.visma.release()
        ending.join()
        assertSaved(generation = 2)
    }

    @Test
    fun `what is not over in time is given up and its caller is told`() = suspending {
        val client = Client()
        val session = nativeApp(client = client).loggedIn()
        supervisorScope {
            val refresh = refreshing(session)
            refused<CancelledException> { client.shutDown(Duration.ZERO) }
            assertEquals("cancelled", refused<CancelledException> { refresh.await() }.code)
        }
    }

    @Test
    fun `nothing is handed out by a client that was closed`() = suspending {
        val client = Client()
        val session = nativeApp(client = client).loggedIn()
        session.freshToken()
        client.close()
        assertRefused("client_closed") { session.freshToken() }
        assertRefused("client_closed") { session.refresh() }
        assertRefused("client_closed") { session.end() }
        client.close()
    }
}
