package dev.grantline

import dev.grantline.examples.ScriptedBrowser
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.net.ConnectException
import java.net.ServerSocket
import java.net.Socket
import java.net.SocketException
import java.net.URI
import java.net.URLDecoder
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.time.Duration

/** The listener's own tests are the driver's: here is what Kotlin adds. */
class BrowserLoginTest {
    private val byHand = BrowserLoginOptions(openBrowser = false)

    /** Logs in at the provider and gives the URL with which the browser comes back. */
    private suspend fun redirected(url: String, consent: String = "accept"): String =
        withContext(Dispatchers.IO) { ScriptedBrowser(consent = consent).open(url, "http://127.0.0.1:").url }

    /** The page at which the browser ends there. */
    private suspend fun page(redirected: String): String =
        withContext(Dispatchers.IO) {
            val browser = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NORMAL).build()
            val page = browser.send(HttpRequest.newBuilder(URI.create(redirected)).build(), BodyHandlers.ofString())
            assertFalse("code=" in page.uri().toString())
            page.body()
        }

    private fun port(url: String): Int {
        val redirect = url.substringAfter("redirect_uri=").substringBefore('&')
        return URI.create(URLDecoder.decode(redirect, Charsets.UTF_8)).port
    }

    /** Waits until nobody listens there any more. */
    private suspend fun assertCloses(port: Int) =
        withContext(Dispatchers.IO) {
            try {
                Socket("127.0.0.1", port).use { assertEquals(-1, it.getInputStream().read()) }
            } catch (_: SocketException) {
                // It was closed already.
            }
            assertThrows(ConnectException::class.java) { Socket("127.0.0.1", port).close() }
        }

    @ParameterizedTest
    @MethodSource("dev.grantline.Modes#both")
    fun `a user logs in with one call in the browser that is opened`(emulator: Emulator) = suspending {
        val opened = CompletableDeferred<String>()
        val page = LoginPage.text("nb", "Du er logget inn", "Lukk vinduet.")
        val user = async { page(redirected(opened.await())) }
        val options = BrowserLoginOptions(openWith = { opened.complete(it) }, donePage = page)
        val done = nativeApp(emulator).logInWithBrowser(LoginRequest(LASTING, appData = "/invoices"), options)
        assertEquals("/invoices", done.appData)
        assertEquals(200, emulator.callApi(done.session.freshToken()))
        assertTrue("Lukk vinduet." in user.await())
        assertCloses(port(opened.await()))
    }

    @Test
    fun `a user who refuses is a typed error and reads so`() = suspending {
        val request = LoginRequest(LASTING, prompts = listOf(Prompt.CONSENT))
        nativeApp().beginBrowserLogin(request, byHand).use { login ->
            assertTrue("access_denied" in page(redirected(login.url, consent = "cancel")))
            assertEquals("access_denied", refused<ServerRefusedException> { login.outcome() }.error)
        }
    }

    @Test
    fun `over SSH the user pastes the URL`() = suspending {
        val login = nativeApp().beginBrowserLogin(LoginRequest(LASTING), byHand)
        assertFalse(login.browserOpened())
        val url = redirected(login.url)
        assertRefused("state_mismatch") { login.paste(url.replace("state=", "state=x")) }
        login.paste(" $url\n")
        assertEquals(200, Emulator.visma.callApi(login.outcome().session.freshToken()))
        assertFalse("state" in login.toString())
    }

    @Test
    fun `F038 without a browser the URL is shown or printed on standard error`() = suspending {
        val app = nativeApp()
        val printed = ByteArrayOutputStream()
        val standardError = System.err
        System.setErr(PrintStream(printed))
        try {
            val soonOver = BrowserLoginOptions(timeLimit = Duration.ofMillis(1), openBrowser = false)
            assertRefused("login_timed_out") { app.logInWithBrowser(LoginRequest(LASTING), soonOver) }
        } finally {
            System.setErr(standardError)
        }
        assertTrue("Open this URL in a browser to log in: http" in printed.toString())
        val shown = CompletableDeferred<String>()
        launch { page(redirected(shown.await())) }
        app.logInWithBrowser(LoginRequest(LASTING), BrowserLoginOptions(openBrowser = false, showUrl = { shown.complete(it) }))
    }

    @Test
    fun `F036 and F037 a port is taken, used and free again`() = suspending {
        val app = nativeApp()
        val port = ServerSocket(0).use { taken ->
            val options = BrowserLoginOptions(port = taken.localPort, openBrowser = false)
            assertRefused("loopback_port_taken") { app.beginBrowserLogin(LoginRequest(LASTING), options) }
            taken.localPort
        }
        val options = BrowserLoginOptions(Duration.ZERO, port, openBrowser = false)
        val timedOut = assertRefused("login_timed_out") { app.beginBrowserLogin(LoginRequest(LASTING), options).outcome() }
        assertEquals(Advice.LOG_IN_AGAIN, timedOut.advice)
        assertTrue("errorId" in timedOut.message.orEmpty())
        assertCloses(port)
        val closed = app.beginBrowserLogin(LoginRequest(LASTING), byHand).also { it.close() }
        assertRefused("cancelled") { closed.outcome() }
        assertCloses(port(closed.url))
    }

    @Test
    fun `F040 a coroutine that is cancelled closes the port`() = suspending {
        val opened = CompletableDeferred<String>()
        val options = BrowserLoginOptions(openWith = { opened.complete(it) })
        val loggingIn = async(start = CoroutineStart.UNDISPATCHED) { nativeApp().logInWithBrowser(LoginRequest(LASTING), options) }
        val port = port(opened.await())
        loggingIn.cancelAndJoin()
        assertCloses(port)
    }
}
