package dev.grantline

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class TokenCopyTest {
    private val taken = Moment(wallMs = 1_000_000, nanos = 5_000_000_000)

    private fun later(wallMs: Long, bootMs: Long) = Moment(taken.wallMs + wallMs, taken.nanos + bootMs * 1_000_000)

    @Test
    fun `a copy is fresh only if both clocks say so`() = suspending {
        val copy = Copy(serviceApp().token(TenantChoice.tenant(FJORD_BAKERY), READ), 1, taken, freshForMs = 1000)
        assertTrue(copy.isFresh(1, later(999, 999)))
        assertFalse(copy.isFresh(1, later(1000, 999)))
        assertFalse(copy.isFresh(1, later(999, 1000)))
        assertFalse(copy.isFresh(1, later(-1, 999)), "the wall clock was set back")
        assertFalse(copy.isFresh(2, later(0, 0)), "something was refreshed meanwhile")
    }

    @Test
    fun `a fresh token is the same object each time since the native side is not asked`() = suspending {
        val source = serviceApp().tokenSource(TenantChoice.tenant(FJORD_BAKERY), READ)
        val token = source.freshToken()
        assertSame(token, source.freshToken())
        val refreshed = source.refresh()
        assertSame(refreshed, source.freshToken())
    }

    @Test
    fun `a token at its end is asked for again each time`() = suspending {
        val soon = """{"access_token":"soon-over","token_type":"Bearer","expires_in":0}"""
        val json = mapOf("content-type" to "application/json")
        val earlier = Emulator.visma.tokenRequests("kotlin_soon_over").size
        repeat(2) { Emulator.visma.reply("kotlin_soon_over", 200, soon, json) }
        val source = serviceApp(clientId = "kotlin_soon_over").tokenSource(TenantChoice.noTenant(), READ)
        repeat(2) { source.freshToken() }
        assertEquals(earlier + 2, Emulator.visma.tokenRequests("kotlin_soon_over").size)
    }
}
