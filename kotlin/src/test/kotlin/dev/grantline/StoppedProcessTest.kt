package dev.grantline

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.time.Duration

/** A process that is stopped while it waits for the answer to a refresh: this one. */
class StoppedProcessTest {
    @AfterEach
    fun release() = Emulator.visma.release()

    /** For longer than a request may take, with all that a late performer is granted. */
    private fun stopAndGoOn() {
        val script = "kill -STOP \$1 && sleep 5; kill -CONT \$1"
        val pid = ProcessHandle.current().pid().toString()
        assertEquals(0, ProcessBuilder("sh", "-c", script, "sh", pid).start().waitFor())
    }

    @Test
    fun `tokens that came while the process was stopped beyond the time limit are not lost`() = suspending {
        Client(Store.blobs(MapBlobs()), KEYS, httpTimeout = Duration.ofSeconds(2), performer = JavaHttpPerformer()).use { client ->
            val session = nativeApp(client = client).loggedIn("anna's")
            val before = Emulator.visma.tokenRequests("isv_native").size
            // The answer comes after the stop has begun, and within the time limit.
            Emulator.visma.reply("isv_native", delayMs = 1000)
            val refresh = async(start = CoroutineStart.UNDISPATCHED) { session.refresh() }
            Emulator.visma.awaitTokenRequests("isv_native", before + 1)
            stopAndGoOn()
            val token = refresh.await()
            assertEquals(2, token.generation)
            assertEquals(200, Emulator.visma.callApi(token))
            assertEquals(before + 1, Emulator.visma.tokenRequests("isv_native").size)
        }
    }
}
