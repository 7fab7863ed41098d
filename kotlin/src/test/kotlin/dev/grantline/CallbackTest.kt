package dev.grantline

import dev.grantline.examples.ScriptedBrowser
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

class CallbackTest {
    private val app = webApp()

    private suspend fun begin() = app.beginLogin(LoginRequest(LASTING))

    private fun comeBack(begun: BegunLogin) = Callback.url(ScriptedBrowser().open(begun.url, WEB_REDIRECT).url)

    private fun sent() = Emulator.visma.tokenRequests("isv_web").size

    @Test
    fun `a callback is good once`() = suspending {
        val begun = begin()
        val callback = comeBack(begun)
        app.completeLogin(begun.pending, callback, begun.cookie())
        val sent = sent()
        val again = assertRefused("callback_already_used") { app.completeLogin(begun.pending, callback, begun.cookie()) }
        assertEquals(Fault.SERVER_MISBEHAVED, again.fault)
        assertEquals(sent, sent())
    }

    @Test
    fun `a callback from another browser is refused and nothing is sent`() = suspending {
        val (begun, other) = begin() to begin()
        val callback = comeBack(begun)
        val sent = sent()
        assertRefused("browser_mismatch") { app.completeLogin(begun.pending, callback, other.cookie()) }
        assertRefused("browser_mismatch") { app.completeLogin(begun.pending, callback, Binding.cookieHeader("")) }
        assertRefused("binding_missing") { app.completeLogin(begun.pending, callback, Binding.cookieValue("")) }
        assertEquals(sent, sent())
    }

    @Test
    fun `a callback of another login is refused and nothing is sent`() = suspending {
        val (begun, other) = begin() to begin()
        val callback = comeBack(other)
        val sent = sent()
        assertRefused("state_mismatch") { app.completeLogin(begun.pending, callback, begun.cookie()) }
        assertEquals(sent, sent())
    }

    @Test
    fun `judging a callback neither sends anything nor uses it up`() = suspending {
        val begun = begin()
        val callback = comeBack(begun)
        val sent = sent()
        repeat(2) { app.checkCallback(begun.pending, callback, begun.cookie()) }
        assertEquals(sent, sent())
        app.completeLogin(begun.pending, callback, begun.cookie())
    }

    @Test
    fun `a pending login of another client is refused`() = suspending {
        val begun = begin()
        assertRefused("login_of_another_client") {
            nativeApp().completeLogin(begun.pending, Callback.query("state=${begun.pending.state}&code=c"))
        }
    }
}
