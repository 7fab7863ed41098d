package dev.grantline.examples

import dev.grantline.AccessToken
import dev.grantline.Binding
import dev.grantline.Callback
import dev.grantline.GrantlineException
import dev.grantline.LoginRequest
import dev.grantline.PendingLogin
import dev.grantline.Provider
import dev.grantline.Registration
import dev.grantline.ResponseMode
import dev.grantline.Scopes
import dev.grantline.ServiceApp
import dev.grantline.TenantChoice
import dev.grantline.WebApp
import kotlinx.coroutines.runBlocking
import kotlin.system.exitProcess

private const val FJORD_BAKERY = "11111111-1111-4111-8111-111111111111"
private const val REDIRECT_URI = "https://app.example/callback"

/**
 * grantline's main job from Kotlin: a service token for a tenant, and a user's login from start to end. It talks to the
 * emulator whose URL is in GRANTLINE_EMULATOR_URL, and ends with 0 only if all of it worked.
 */
fun main() {
    val emulator = System.getenv("GRANTLINE_EMULATOR_URL") ?: end("GRANTLINE_EMULATOR_URL is not set")
    try {
        val provider = Provider.vismaConnectAt(emulator)
        runBlocking {
            showServiceToken(provider)
            showLogin(provider)
        }
    } catch (failure: GrantlineException) {
        end("failed (${failure.code}, ${failure.advice}): ${failure.message}")
    }
}

/** A service integration gets a token for one of its customers. */
private suspend fun showServiceToken(provider: Provider) {
    val app = ServiceApp(Registration(provider, "isv_service", clientSecret = "service-secret"))
    val token = app.token(TenantChoice.tenant(FJORD_BAKERY), Scopes.of("visma_api:read"))
    println("service token for a tenant:  ${redacted(token)}")
}

/** A web application logs a user in, and refreshes. */
private suspend fun showLogin(provider: Provider) {
    val secret = "web:secret+100%25&more"
    val app = WebApp(Registration(provider, "isv_web", clientSecret = secret, redirectUris = listOf(REDIRECT_URI)))
    val scopes = Scopes.of("openid", "visma_api:read", "offline_access")
    val begun = app.beginLogin(LoginRequest(scopes, responseMode = ResponseMode.FORM_POST, appData = "/invoices"))
    val binding = checkNotNull(begun.binding) { "a web application's login is bound to the browser that begins it" }
    println("the browser goes to:         ${begun.url.substringBefore('?')}?…")
    val record = begun.pending.toRecord()

    val arrival = ScriptedBrowser().open(begun.url, REDIRECT_URI)
    println("and comes back to:           ${arrival.url} with a form")

    val callback = Callback.formPost(checkNotNull(arrival.form) { "the login came back without a form" })
    val cookie = Binding.cookieHeader("${binding.cookieName}=${binding.exposeValue()}")
    val done = app.completeLogin(PendingLogin.fromRecord(record), callback, cookie)
    val first = done.session.freshToken()
    println("logged in, token:            ${redacted(first)}; the user goes on to ${done.appData}")

    val second = done.session.refresh()
    check(second.generation > first.generation) { "a refresh gives a later token" }
    println("refreshed, token:            ${redacted(second)}")
}

/** Enough of a token to tell two apart. */
private fun redacted(token: AccessToken) =
    "…${token.exposeSecret().takeLast(6)} for ${token.scopes.joinToString(" ")}, until ${token.expiresAt}"

private fun end(text: String): Nothing {
    System.err.println(text)
    exitProcess(1)
}
