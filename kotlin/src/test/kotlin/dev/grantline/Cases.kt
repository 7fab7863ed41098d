package dev.grantline

import dev.grantline.examples.ScriptedBrowser
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals

const val FJORD_BAKERY = "11111111-1111-4111-8111-111111111111"
const val NORDLYS_SHIPPING = "22222222-2222-4222-8222-222222222222"
const val NOT_APPROVED = "99999999-9999-4999-8999-999999999999"
const val WEB_SECRET = "web:secret+100%25&more"
const val WEB_REDIRECT = "https://app.example/callback"
const val LOOPBACK = "http://127.0.0.1:51234/callback"

val READ: Scopes = Scopes.of("visma_api:read")
val LASTING: Scopes = Scopes.of("openid", "visma_api:read", "offline_access")

fun serviceApp(emulator: Emulator = Emulator.visma, client: Client = Client(), clientId: String = "isv_service") =
    ServiceApp(Registration(emulator.provider(), clientId, clientSecret = "service-secret"), client)

fun webApp(emulator: Emulator = Emulator.visma, client: Client = Client.default) =
    WebApp(Registration(emulator.provider(), "isv_web", WEB_SECRET, listOf(WEB_REDIRECT)), client)

fun nativeApp(emulator: Emulator = Emulator.visma, client: Client = Client.default) =
    NativeApp(Registration(emulator.provider(), "isv_native", redirectUris = listOf("http://127.0.0.1/callback")), client)

/** The session of a user who has logged in, under that name. */
suspend fun NativeApp.loggedIn(session: String? = null): Session {
    val begun = beginLogin(LoginRequest(LASTING, redirectUri = LOOPBACK, session = session))
    return completeLogin(begun.pending, Callback.url(ScriptedBrowser().open(begun.url, LOOPBACK).url)).session
}

/** A user who has logged in to the web application with this browser, by way of the store. */
suspend fun WebApp.loggedIn(browser: ScriptedBrowser = ScriptedBrowser(), scopes: Scopes = LASTING): LoggedIn {
    val begun = beginStoredLogin(LoginRequest(scopes))
    return completeStoredLogin(Callback.url(browser.open(begun.url, WEB_REDIRECT).url), begun.cookie())
}

/** The session of a user of the native application whose token has expired, so that whoever asks for it has to wait. */
suspend fun NativeApp.loggedInLongAgo(session: String? = null): Session {
    Emulator.visma.lifetime("isv_native", 0)
    try {
        return loggedIn(session)
    } finally {
        Emulator.visma.lifetime("isv_native", 3600)
    }
}

/** The binding that the browser shows which began that login. */
fun BegunLogin.cookie(): Binding =
    binding.let { Binding.cookieHeader("theme=dark; ${it?.cookieName}=${it?.exposeValue()}") }

/** As it is shown by the browser that began a login whose record is in the store. */
fun StoredLogin.cookie(): Binding = Binding.cookieHeader("${binding?.cookieName}=${binding?.exposeValue()}")

/** A test that suspends; JUnit takes tests without a result only. */
fun suspending(test: suspend CoroutineScope.() -> Unit): Unit = runBlocking { test() }

/** What the call is refused with. */
suspend inline fun <reified E : GrantlineException> refused(call: suspend () -> Any?): E {
    val failure =
        try {
            call()
            throw AssertionError("not refused")
        } catch (failure: GrantlineException) {
            failure
        }
    return failure as? E ?: throw AssertionError("${failure.javaClass.simpleName}: ${failure.code}", failure)
}

suspend fun assertRefused(code: String, call: suspend () -> Any?): GrantlineException {
    val failure = refused<GrantlineException> { call() }
    assertEquals(code, failure.code, failure.message)
    return failure
}
