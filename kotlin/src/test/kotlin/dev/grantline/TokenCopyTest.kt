package dev.grantline

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotSame
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import java.lang.ref.WeakReference

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

    @Test
    fun `a token that an API refused is handed out by no handle on its session`() = suspending {
        val app = nativeApp()
        val session = app.loggedIn()
        val other = app.session(session.id)
        val refused = session.freshToken()
        assertSame(refused, other.freshToken())
        val before = Emulator.visma.tokenRequests("isv_native").size
        session.invalidate(refused)
        val later = other.freshToken()
        assertEquals(refused.generation + 1, later.generation)
        assertSame(later, session.freshToken())
        // There is a later one already.
        other.invalidate(refused)
        assertEquals(later.exposeSecret(), session.freshToken().exposeSecret())
        assertEquals(before + 1, Emulator.visma.tokenRequests("isv_native").size)
    }

    @Test
    fun `a service token that an API refused is handed out by no handle on it`() = suspending {
        val app = serviceApp()
        val tenant = TenantChoice.tenant(NORDLYS_SHIPPING)
        val source = app.tokenSource(tenant, READ)
        val refused = source.freshToken()
        assertSame(refused, app.token(tenant, READ))
        source.invalidate(refused)
        assertTrue(app.token(tenant, READ).generation > refused.generation)
    }

    @Test
    fun `a session's end is known to all its handles`() = suspending {
        val app = nativeApp()
        val session = app.loggedIn()
        val other = app.session(session.id).also { it.freshToken() }
        assertEquals(Revocation.Done, session.end())
        assertRefused("session_ended") { other.freshToken() }
        assertEquals(Revocation.NothingToRevoke, other.end())
    }

    @Test
    fun `a new login to a session is known to all its handles`() = suspending {
        val app = nativeApp()
        val old = app.loggedIn("anna's phone").also { it.freshToken() }
        val new = app.loggedIn("anna's phone").freshToken()
        assertEquals(new.exposeSecret(), old.freshToken().exposeSecret())
    }

    @Test
    fun `all handles on a grant share one copy`() {
        val copies = TokenCopies(limit = 2)
        val held = copies.of("a grant")
        assertSame(held, copies.of("a grant"))
        assertNotSame(held, copies.of("another"))
        held.voided()
        val epoch = held.epoch
        copies.voided("a grant")
        assertEquals(epoch + 1, held.epoch)
    }

    @Test
    @Timeout(60)
    fun `a copy on which nobody holds a handle leaves when so many others were asked for`() {
        val copies = TokenCopies(limit = 2)
        val held = copies.of("held")
        val (old, used) = listOf("old", "used").map { WeakReference(copies.of(it)) }
        copies.of("used")
        copies.of("new")
        awaitCollected(old)
        assertSame(used.get()!!, copies.of("used"))
        assertSame(held, copies.of("held"))
    }

    @Test
    @Timeout(60)
    fun `a client that was closed keeps no copies alive`() {
        val copies = TokenCopies(limit = 2)
        val before = WeakReference(copies.of("before"))
        copies.close()
        val after = WeakReference(copies.of("after"))
        listOf(before, after).forEach(::awaitCollected)
    }

    @Test
    @Timeout(60)
    fun `a service token on which nobody holds a handle leaves the memory by the limit`() {
        Client(tokensInMemory = 1).use { client ->
            val app = serviceApp(client = client)
            // Each in a coroutine of its own: one that goes on may hold what it was resumed with.
            val first = runBlocking { WeakReference(app.token(TenantChoice.tenant(FJORD_BAKERY), READ)) }
            val second = runBlocking { app.token(TenantChoice.tenant(NORDLYS_SHIPPING), READ) }
            awaitCollected(first)
            assertSame(second, runBlocking { app.token(TenantChoice.tenant(NORDLYS_SHIPPING), READ) })
        }
    }

    private fun awaitCollected(reference: WeakReference<*>) {
        while (reference.get() != null) {
            System.gc()
            check(!Thread.interrupted()) { "it is still in memory" }
        }
    }
}
