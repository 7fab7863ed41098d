package dev.grantline

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import java.net.ServerSocket
import java.time.Duration
import java.time.Instant

class ServiceAppTest {
    @ParameterizedTest
    @MethodSource("dev.grantline.Modes#both")
    fun `each tenant has a token of its own`(emulator: Emulator) = suspending {
        val app = serviceApp(emulator)
        val bakery = app.token(TenantChoice.tenant(FJORD_BAKERY), READ)
        val shipping = app.token(TenantChoice.tenant(NORDLYS_SHIPPING), READ)
        assertNotEquals(bakery.exposeSecret(), shipping.exposeSecret())
        assertEquals(listOf("visma_api:read"), bakery.scopes)
        assertEquals(200, emulator.callApi(bakery))
        assertTrue(bakery.expiresAt!! > Instant.now())
        assertEquals(listOf(FJORD_BAKERY, NORDLYS_SHIPPING), emulator.tokenRequests("isv_service").takeLast(2).map { it.text("tenant_id") })
    }

    @Test
    fun `the default tenant and no tenant are said in words`() = suspending {
        val provider = Emulator.visma.provider()
        val byDefault = ServiceApp(Registration(provider, "isv_service_default", "service-default-secret"))
        val without = ServiceApp(Registration(provider, "isv_service_no_tenant", "service-no-tenant-secret"))
        assertEquals(200, Emulator.visma.callApi(byDefault.token(TenantChoice.defaultTenant(), READ)))
        assertEquals(listOf("public_registry:read"), without.token(TenantChoice.noTenant(), Scopes.allAllowed()).scopes)
    }

    @Test
    fun `a token in memory is handed out again without a request`() = suspending {
        val app = serviceApp()
        val first = app.token(TenantChoice.tenant(FJORD_BAKERY), READ)
        val requests = Emulator.visma.tokenRequests("isv_service").size
        assertSame(first, app.token(TenantChoice.tenant(FJORD_BAKERY), READ))
        assertEquals(requests, Emulator.visma.tokenRequests("isv_service").size)
    }

    @Test
    fun `a refresh gives a later token and makes every handle's copy void`() = suspending {
        val client = Client()
        val (one, other) = List(2) { serviceApp(client = client).tokenSource(TenantChoice.tenant(FJORD_BAKERY), READ) }
        val first = other.freshToken()
        val second = one.refresh()
        assertTrue(second.generation > first.generation)
        assertEquals(second.exposeSecret(), other.freshToken().exposeSecret())
    }

    @Test
    fun `a tenant that did not approve the application is for its administrator to mend`() = suspending {
        val refusal = refused<ServerRefusedException> { serviceApp().token(TenantChoice.tenant(NOT_APPROVED), READ) }
        assertEquals("invalid_tenant", refusal.code)
        assertEquals("invalid_tenant", refusal.error)
        assertEquals(400, refusal.status)
        assertEquals(Advice.ASK_ADMINISTRATOR, refusal.advice)
        assertTrue("My Applications > Integration > Customers" in refusal.message!!, refusal.message)
    }

    @Test
    fun `a wrong secret is the application's to mend`() = suspending {
        val app = ServiceApp(Registration(Emulator.visma.provider(), "isv_service", "not the secret"))
        val refusal = refused<ServerRefusedException> { app.token(TenantChoice.tenant(FJORD_BAKERY), READ) }
        assertEquals("invalid_client", refusal.code)
        assertEquals(Advice.FIX_CONFIGURATION, refusal.advice)
    }

    @Test
    fun `a server that is down is a failure of transport that may be tried again`() = suspending {
        val nobody = ServerSocket(0).use { "http://127.0.0.1:${it.localPort}" }
        val app = ServiceApp(Registration(Provider.vismaConnectAt(nobody), "isv_service", "service-secret"))
        val failure = refused<TransportException> { app.token(TenantChoice.tenant(FJORD_BAKERY), READ) }
        assertEquals("connect_failed", failure.code)
        assertEquals(Advice.RETRY, failure.advice)
    }

    @Test
    fun `a server that is slow is a failure of transport that says so`() = suspending {
        Emulator.visma.reply("kotlin_slow", delayMs = 60_000)
        val app = serviceApp(client = Client(httpTimeout = Duration.ofSeconds(2)), clientId = "kotlin_slow")
        val failure = refused<TransportException> { app.token(TenantChoice.tenant(FJORD_BAKERY), READ) }
        assertEquals("timed_out", failure.code)
        Emulator.visma.release()
    }

    @Test
    fun `a server that answers in HTML is told apart`() = suspending {
        Emulator.visma.reply("kotlin_html", 200, "<html>maintenance</html>", mapOf("content-type" to "text/html"))
        val app = serviceApp(clientId = "kotlin_html")
        assertEquals("not_json", refused<ServerMisbehavedException> { app.token(TenantChoice.noTenant(), READ) }.code)
    }

    @Test
    fun `a server that asks for time is believed`() = suspending {
        Emulator.visma.reply("kotlin_busy", 503, "{}", mapOf("retry-after" to "7"))
        val busy = refused<ServerMisbehavedException> { serviceApp(clientId = "kotlin_busy").token(TenantChoice.noTenant(), READ) }
        assertEquals("server_unavailable", busy.code)
        assertEquals(Duration.ofSeconds(7), busy.retryAfter)
        assertFalse("service-secret" in busy.stackTraceToString())
    }
}
