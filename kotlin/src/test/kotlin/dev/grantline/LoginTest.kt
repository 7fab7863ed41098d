package dev.grantline

import dev.grantline.examples.ScriptedBrowser
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import java.time.Instant

class LoginTest {
    @ParameterizedTest
    @MethodSource("dev.grantline.Modes#withResponseModes")
    fun `a user logs in to a web application and the session is refreshed`(emulator: Emulator, mode: ResponseMode) = suspending {
        val app = webApp(emulator)
        val begun = app.beginLogin(LoginRequest(LASTING, responseMode = mode, appData = "/invoices"))
        assertTrue(begun.pending.expiresAt > Instant.now())
        assertEquals(WEB_REDIRECT, begun.pending.redirectUri)

        val arrival = ScriptedBrowser().open(begun.url, WEB_REDIRECT)
        val callback = arrival.form?.let(Callback::formPost) ?: Callback.url(arrival.url)
        assertEquals(begun.pending.state, callback.state)
        val kept = PendingLogin.fromRecord(begun.pending.toRecord())
        val done = app.completeLogin(kept, callback, begun.cookie())

        assertEquals("/invoices", done.appData)
        val first = done.session.freshToken()
        assertEquals(200, emulator.callApi(first))
        val second = done.session.refresh()
        assertTrue(second.generation > first.generation)
        assertEquals(second.exposeSecret(), app.session(done.session.id).freshToken().exposeSecret())
    }

    @ParameterizedTest
    @MethodSource("dev.grantline.Modes#both")
    fun `a user logs in to a native application on a free port`(emulator: Emulator) = suspending {
        val app = nativeApp(emulator)
        val begun = app.beginLogin(LoginRequest(LASTING, redirectUri = LOOPBACK, session = "the laptop's"))
        assertNull(begun.binding)
        val callback = Callback.url(ScriptedBrowser().open(begun.url, LOOPBACK).url)
        app.checkCallback(begun.pending, callback)
        val done = app.completeLogin(begun.pending, callback)
        assertEquals("the laptop's", done.session.id)
        assertEquals(200, emulator.callApi(done.session.refresh()))
    }

    @ParameterizedTest
    @MethodSource("dev.grantline.Modes#both")
    fun `a single-page application's session ends with its token`(emulator: Emulator) = suspending {
        val redirect = "http://localhost:5173/callback"
        val app = SinglePageApp(Registration(emulator.provider(), "isv_spa", redirectUris = listOf(redirect)))
        val begun = app.beginLogin(LoginRequest(Scopes.of("openid", "visma_api:read")))
        val callback = Callback.url(ScriptedBrowser().open(begun.url, redirect).url)
        val session = app.completeLogin(begun.pending, callback).session
        assertEquals(200, emulator.callApi(session.freshToken()))
        assertEquals(Advice.LOG_IN_AGAIN, assertRefused("no_refresh_token") { session.refresh() }.advice)
    }

    @ParameterizedTest
    @MethodSource("dev.grantline.Modes#both")
    fun `a user who gives no access is the server's refusal`(emulator: Emulator) = suspending {
        val app = webApp(emulator)
        val begun = app.beginLogin(LoginRequest(LASTING, prompts = listOf(Prompt.CONSENT)))
        val arrival = ScriptedBrowser(consent = "cancel").open(begun.url, WEB_REDIRECT)
        val refusal = refused<ServerRefusedException> { app.completeLogin(begun.pending, Callback.url(arrival.url), begun.cookie()) }
        assertEquals("access_denied", refusal.error)
        assertNull(refusal.status)
    }

    @Test
    fun `a session of an unknown name asks for a login`() = suspending {
        val unknown = refused<ServerRefusedException> { webApp().session("nobody's").freshToken() }
        assertEquals("session_unknown", unknown.code)
        assertEquals(Advice.LOG_IN_AGAIN, unknown.advice)
        assertNull(unknown.error)
    }

    @Test
    fun `a refused refresh ends the session`() = suspending {
        val session = nativeApp().loggedIn()
        Emulator.visma.reply("isv_native", 400, """{"error":"invalid_grant"}""", mapOf("content-type" to "application/json"))
        assertEquals(Advice.LOG_IN_AGAIN, assertRefused("invalid_grant") { session.refresh() }.advice)
        assertRefused("session_ended") { session.freshToken() }
        assertRefused("session_ended") { session.refresh() }
    }
}
