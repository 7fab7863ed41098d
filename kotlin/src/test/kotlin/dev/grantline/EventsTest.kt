package dev.grantline

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** A token response whose ID token another server wrote for another client. */
private const val OF_SOMEBODY_ELSE =
    """{"access_token":"theirs","refresh_token":"theirs","token_type":"Bearer","id_token":"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL290aGVyLmV4YW1wbGUiLCJzdWIiOiJzb21lb25lIiwiYXVkIjoiYW5vdGhlci1jbGllbnQiLCJpYXQiOjE3OTUyNjI0MDAsImV4cCI6MTc5NTI2MjcwMH0.c2lnbmF0dXJl"}"""

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
    fun `F117 a refresh that is answered for somebody else raises an alarm and changes nothing`() = suspending {
        Client().use { client ->
            val session = nativeApp(client = client).loggedIn("anna's")
            val mine = session.freshToken().exposeSecret()
            val alarm = async(start = CoroutineStart.UNDISPATCHED) { client.events().first { it is Event.AnswerDiscarded } }
            Emulator.visma.reply("isv_native", 200, OF_SOMEBODY_ELSE, mapOf("content-type" to "application/json"))
            assertRefused("id_token_issuer_mismatch") { session.refresh() }
            val event = alarm.await() as Event.AnswerDiscarded
            assertEquals(subject("anna's"), event.subject)
            assertEquals("id_token_issuer_mismatch", event.error.code)
            assertEquals(mine, session.freshToken().exposeSecret())
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
