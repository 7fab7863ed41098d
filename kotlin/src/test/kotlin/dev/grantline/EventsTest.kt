package dev.grantline

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class EventsTest {
    /** A listener that listens already. */
    private fun CoroutineScope.all(client: Client) = async(start = CoroutineStart.UNDISPATCHED) { client.events().toList() }

    private fun subject(id: String) = Subject.OfSession(Emulator.visma.url, "isv_native", id)

    @Test
    fun `what happens to a session is told until the client is closed`() = suspending {
        val client = Client()
        val session = nativeApp(client = client).loggedIn("anna's")
        val (one, other) = all(client) to all(client)
        session.refresh()
        session.end()
        client.shutDown()
        val told = listOf(Event.Refreshed(subject("anna's"), 2), Event.SessionEnded(subject("anna's"), "ended_by_application", null))
        assertEquals(told, one.await())
        assertEquals(told, other.await())
        assertTrue(client.events().toList().isEmpty())
    }

    @Test
    fun `the server's word is told as it came`() = suspending {
        Client().use { client ->
            val session = nativeApp(client = client).loggedIn("anna's")
            val ended = async(start = CoroutineStart.UNDISPATCHED) { client.events().first { it is Event.SessionEnded } }
            Emulator.visma.reply("isv_native", 400, """{"error":"invalid_grant"}""", mapOf("content-type" to "application/json"))
            assertRefused("invalid_grant") { session.refresh() }
            assertEquals(Event.SessionEnded(subject("anna's"), "refused_by_server", "invalid_grant"), ended.await())
        }
    }

    @Test
    fun `a service token that is not to be had is told with its tenant`() = suspending {
        Client().use { client ->
            val tenant = TenantChoice.tenant(NOT_APPROVED)
            val failed = async(start = CoroutineStart.UNDISPATCHED) { client.events().first() }
            val refusal = refused<ServerRefusedException> { serviceApp(client = client).token(tenant, READ) }
            val event = failed.await() as Event.RefreshFailed
            assertEquals(Subject.OfService(Emulator.visma.url, "isv_service", tenant), event.subject)
            assertEquals(refusal.code, event.error.code)
        }
    }
}
