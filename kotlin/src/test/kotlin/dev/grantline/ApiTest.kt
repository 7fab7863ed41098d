package dev.grantline

import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.EnumSource

/** API requests with a token, by either HTTP client. */
class ApiTest {
    private val server = ApiServer()
    private val elsewhere = ApiServer()

    @AfterEach
    fun stop() {
        server.close()
        elsewhere.close()
    }

    private fun refreshes() = Emulator.visma.tokenRequests("isv_native").size

    private fun sent() = server.arrivals.map { it.authorization!!.removePrefix("Bearer ") }

    @ParameterizedTest
    @EnumSource
    fun `a request to a named origin has a token that is good now`(sender: ApiSender) = suspending {
        val session = nativeApp().loggedIn()
        val answer = sender.send(session.api(server.url), ApiCall("${server.url}/v1/invoices", body = "an invoice"))
        assertEquals(200, answer.status)
        assertNull(answer.refusal)
        assertEquals(listOf(session.freshToken().exposeSecret()), sent())
        assertEquals("an invoice", server.arrivals.single().body)
    }

    @ParameterizedTest
    @EnumSource
    fun `a request to any other origin goes without a token and as it is`(sender: ApiSender) = suspending {
        val api = nativeApp().loggedIn().api(server.url)
        elsewhere.refuseToken()
        assertNull(sender.send(api, ApiCall(elsewhere.url)).refusal)
        sender.send(api, ApiCall(elsewhere.url, authorization = "Basic of-its-own"))
        assertEquals(listOf(null, "Basic of-its-own"), elsewhere.arrivals.map { it.authorization })
    }

    @ParameterizedTest
    @EnumSource
    fun `a refused token is replaced once and the request sent once more`(sender: ApiSender) = suspending {
        val session = nativeApp().loggedIn()
        val before = refreshes()
        server.refuseToken()
        val answer = sender.send(session.api(server.url), ApiCall(server.url, body = "an invoice"))
        assertEquals(200, answer.status)
        assertNull(answer.refusal)
        assertEquals(before + 1, refreshes())
        val (first, second) = sent()
        assertNotEquals(first, second)
        assertEquals(second, session.freshToken().exposeSecret())
        assertEquals(listOf("an invoice", "an invoice"), server.arrivals.map { it.body })
    }

    @ParameterizedTest
    @EnumSource
    fun `a fresh token that is refused is passed on with advice and never a loop`(sender: ApiSender) = suspending {
        val api = nativeApp().loggedIn().api(server.url)
        val before = refreshes()
        repeat(3) { server.refuseToken() }
        repeat(2) {
            val answer = sender.send(api, ApiCall(server.url))
            assertEquals(401, answer.status)
            assertEquals("api_token_invalid_though_new", answer.refusal?.code)
            assertEquals(Advice.ASK_ADMINISTRATOR, answer.refusal?.advice)
            assertTrue("licence" in answer.refusal!!.message)
        }
        assertEquals(3, server.arrivals.size)
        assertEquals(before + 1, refreshes())
    }

    @ParameterizedTest
    @EnumSource
    fun `a body that can be sent only once is sent once and the next request has another token`(sender: ApiSender) = suspending {
        val api = nativeApp().loggedIn().api(server.url)
        server.refuseToken()
        val answer = sender.send(api, ApiCall(server.url, body = "a stream", isOneShot = true))
        assertEquals("api_token_invalid", answer.refusal?.code)
        assertEquals(Advice.RETRY, answer.refusal?.advice)
        assertEquals(200, sender.send(api, ApiCall(server.url)).status)
        val (first, second) = sent()
        assertNotEquals(first, second)
    }

    @ParameterizedTest
    @EnumSource
    fun `a missing scope is told by name and costs no token`(sender: ApiSender) = suspending {
        val api = nativeApp().loggedIn().api(server.url)
        val before = refreshes()
        server.answer(403, "WWW-Authenticate" to """Bearer error="insufficient_scope", scope="visma_api:write"""")
        val answer = sender.send(api, ApiCall(server.url))
        assertEquals(403, answer.refusal?.status)
        assertEquals("api_insufficient_scope", answer.refusal?.code)
        assertEquals(listOf("visma_api:write"), answer.refusal?.scopes)
        assertEquals(before, refreshes())
    }

    @ParameterizedTest
    @EnumSource
    fun `a request that has an Authorization header already is refused`(sender: ApiSender) = suspending {
        val api = nativeApp().loggedIn().api(server.url)
        assertRefused("authorization_present") { sender.send(api, ApiCall(server.url, authorization = "Bearer of-its-own")) }
        assertTrue(server.arrivals.isEmpty())
    }

    @ParameterizedTest
    @EnumSource
    fun `no token for a request is the application's to know`(sender: ApiSender) = suspending {
        val api = nativeApp().session("nobody's").api(server.url)
        assertRefused("session_unknown") { sender.send(api, ApiCall(server.url)) }
        assertTrue(server.arrivals.isEmpty())
    }

    @Test
    fun `a redirect to another origin is followed by OkHttp without the token`() = suspending {
        val session = nativeApp().loggedIn()
        val before = refreshes()
        server.answer(302, "Location" to "${elsewhere.url}/download")
        elsewhere.refuseToken()
        val answer = ApiSender.OKHTTP.send(session.api(server.url), ApiCall(server.url))
        assertEquals(401, answer.status)
        assertNull(answer.refusal)
        assertNull(elsewhere.arrivals.single().authorization)
        assertEquals(before, refreshes())
    }

    @Test
    fun `a redirect is not followed by the JVM's own client`() = suspending {
        server.answer(302, "Location" to "${elsewhere.url}/download")
        val answer = ApiSender.JAVA.send(nativeApp().loggedIn().api(server.url), ApiCall(server.url))
        assertEquals(302, answer.status)
        assertTrue(elsewhere.arrivals.isEmpty())
    }

    @Test
    fun `a service token goes to its API as well`() = suspending {
        val source = serviceApp().tokenSource(TenantChoice.tenant(FJORD_BAKERY), READ)
        server.refuseToken()
        assertEquals(200, ApiSender.JAVA.send(source.api(server.url), ApiCall(server.url)).status)
        assertEquals(source.freshToken().exposeSecret(), sent().last())
    }

    @Test
    fun `an origin is a scheme a host and perhaps a port`() {
        val session = nativeApp().session("anybody's")
        assertEquals("invalid_api_origin", assertThrows<MisuseException> { session.api("https://api.example/v1") }.code)
        assertEquals("insecure_api_origin", assertThrows<MisuseException> { session.api("http://api.example") }.code)
    }
}
