package dev.grantline

import dev.grantline.examples.ScriptedBrowser
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import java.nio.file.Path
import java.time.Duration
import java.time.Instant

/** Logins whose record waits in the client's store: any process that shares it completes them, each once. */
class StoredLoginTest {
    @ParameterizedTest
    @MethodSource("dev.grantline.Modes#withResponseModes")
    fun `a login is completed by another client on the same store`(emulator: Emulator, mode: ResponseMode, @TempDir folder: Path) =
        suspending {
            val request = LoginRequest(LASTING, responseMode = mode, appData = "/invoices")
            val begun = clientOn(folder).use { webApp(emulator, it).beginStoredLogin(request) }
            assertTrue(Duration.between(Instant.now(), begun.expiresAt) in Duration.ofMinutes(9)..Duration.ofMinutes(10))
            val arrival = ScriptedBrowser().open(begun.url, WEB_REDIRECT)
            val callback = arrival.form?.let(Callback::formPost) ?: Callback.url(arrival.url)
            clientOn(folder).use { other ->
                val done = webApp(emulator, other).completeStoredLogin(callback, begun.cookie())
                assertEquals("/invoices", done.appData)
                assertNotNull(done.identity)
                assertEquals(200, emulator.callApi(done.session.freshToken()))
            }
        }

    @Test
    fun `of two clients that get one callback at once exactly one logs in`(@TempDir folder: Path) = suspending {
        clientOn(folder).use { one ->
            clientOn(folder).use { other ->
                val begun = webApp(client = one).beginStoredLogin(LoginRequest(LASTING))
                val url = ScriptedBrowser().open(begun.url, WEB_REDIRECT).url
                val outcomes =
                    listOf(one, other)
                        .map { async { runCatching { webApp(client = it).completeStoredLogin(Callback.url(url), begun.cookie()) } } }
                        .awaitAll()
                val failure = outcomes.single { it.isFailure }.exceptionOrNull() as ServerMisbehavedException
                assertTrue(failure.code in listOf("callback_already_used", "login_unknown"), failure.code)
                assertEquals(2, outcomes.single { it.isSuccess }.getOrThrow().session.refresh().generation)
            }
        }
    }

    @Test
    fun `an attacker's own callback in another browser is refused`() = suspending {
        val app = webApp()
        val attackers = app.beginStoredLogin(LoginRequest(LASTING))
        val victims = app.beginStoredLogin(LoginRequest(LASTING))
        val callback = Callback.url(ScriptedBrowser().open(attackers.url, WEB_REDIRECT).url)
        assertRefused("browser_mismatch") { app.completeStoredLogin(callback, victims.cookie()) }
        assertRefused("browser_mismatch") { app.completeStoredLogin(callback, Binding.cookieHeader("")) }
        // It was not used up: the right browser may still come, once.
        app.completeStoredLogin(callback, attackers.cookie())
        val again = assertRefused("login_unknown") { app.completeStoredLogin(callback, attackers.cookie()) }
        assertEquals(Advice.LOG_IN_AGAIN, again.advice)
    }

    @Test
    fun `a native application needs no cookie`() = suspending {
        val app = nativeApp()
        val begun = app.beginStoredLogin(LoginRequest(LASTING, redirectUri = LOOPBACK))
        assertNull(begun.binding)
        val done = app.completeStoredLogin(Callback.url(ScriptedBrowser().open(begun.url, LOOPBACK).url))
        assertEquals(200, Emulator.visma.callApi(done.session.freshToken()))
    }

    @Test
    fun `it prints neither state nor cookie`() = suspending {
        val begun = webApp().beginStoredLogin(LoginRequest(LASTING))
        assertEquals("StoredLogin(redacted)", begun.toString())
        assertFalse(begun.binding!!.exposeValue() in begun.binding.toString())
    }
}
