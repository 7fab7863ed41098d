package dev.grantline

import dev.grantline.examples.ScriptedBrowser
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import java.nio.file.Path
import java.time.Duration
import java.time.Instant

/** The end of a user's session at the provider: asked for here, or told by the provider. */
class LogoutTest {
    @ParameterizedTest
    @MethodSource("dev.grantline.Modes#both")
    fun `a logout ends the session here and there and comes back with its state`(emulator: Emulator) = suspending {
        val browser = ScriptedBrowser()
        val session = webApp(emulator).loggedIn(browser).session
        assertEquals(200, emulator.callApi(session.freshToken()))
        val begun = session.beginLogout(LANDING, "nb en")
        assertEquals(Revocation.Done, begun.revocation)
        assertRefused("session_ended") { session.freshToken() }
        val url = begun.redirect.url!!
        assertTrue("ui_locales=nb+en" in url, url)
        val back = browser.open(url, LANDING).url
        assertTrue(begun.redirect.isAnsweredBy(Callback.url(back)))
        assertEquals(begun.redirect.state, Callback.url(back).state)
        assertFalse(begun.redirect.isAnsweredBy(Callback.url("$LANDING?state=guessed")))
        assertFalse(begun.redirect.isAnsweredBy(Callback.url(LANDING)))
    }

    @Test
    fun `R194 a logout whose provider cannot be reached has no URL and says why`() = suspending {
        val nobodyThere = Provider.discover("http://127.0.0.1:1")
        val app = WebApp(Registration(nobodyThere, "isv_web", WEB_SECRET, listOf(WEB_REDIRECT)), Client.default)
        val begun = app.session("nobody").beginLogout()
        assertEquals(Revocation.NothingToRevoke, begun.revocation)
        assertEquals(null to "connect_failed", begun.redirect.url to begun.redirect.failure?.code)
        assertEquals(null, webApp().loggedIn().session.beginLogout().redirect.failure)
    }

    @Test
    fun `nothing of a logout shows the id token`() = suspending {
        val begun = webApp().loggedIn().session.beginLogout()
        assertTrue("id_token_hint=" in begun.redirect.url!!, "it is in the URL")
        assertEquals("BegunLogout(redacted) LogoutRedirect(redacted)", "$begun ${begun.redirect}")
    }

    @Test
    fun `the provider tells which session is over`(@TempDir folder: Path) = suspending {
        Notifier(folder).use { notifier ->
            val app = webApp(notifier.emulator)
            val identity = app.loggedIn().identity!!
            notifier.emulator.endSessions("anna@example.com")
            val form = notifier.next().body.decodeToString()
            val notice = app.checkLogoutNotice(form)
            assertEquals(identity.subject, notice.subject)
            assertEquals(identity.sessionId, notice.sessionId)
            assertTrue(Duration.between(notice.issuedAt, Instant.now()).abs() < Duration.ofMinutes(1))
            assertFalse(notice.sessionId!! in notice.toString())
            assertRefused("logout_token_repeated") { app.checkLogoutNotice(form) }
            notifier.emulator.fault("logout-token", "broken-signature")
            app.loggedIn()
            notifier.emulator.endSessions("anna@example.com")
            val wrong = notifier.next().body.decodeToString()
            assertRefused("id_token_signature_invalid") { app.checkLogoutNotice(wrong) }
        }
    }

    @Test
    fun `a request without a logout token is refused`() = suspending {
        for (form in listOf("", "token=a", "logout_token=a&logout_token=b")) {
            assertRefused("logout_token_missing") { webApp().checkLogoutNotice(form) }
        }
    }

    private companion object {
        const val LANDING = "https://app.example/"
    }
}
