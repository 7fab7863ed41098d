package dev.grantline.interop

import dev.grantline.Binding
import dev.grantline.Callback
import dev.grantline.GrantlineException
import dev.grantline.LoggedIn
import dev.grantline.LoginRequest
import dev.grantline.Prompt
import dev.grantline.Provider
import dev.grantline.Registration
import dev.grantline.ResponseMode
import dev.grantline.Revocation
import dev.grantline.Scopes
import dev.grantline.ServiceApp
import dev.grantline.TenantChoice
import dev.grantline.WebApp
import kotlinx.coroutines.runBlocking
import kotlin.system.exitProcess

private const val REDIRECT_URI = "https://app.example/callback"

/**
 * grantline for Kotlin at a server that nobody here wrote.
 *
 * @param arguments the issuer, a scope that the service may have, and the program that stands for a browser
 */
fun main(arguments: Array<String>) {
    val (issuer, serviceScope, browser) = arguments
    val judge = Judge(issuer, serviceScope, browser)
    val steps =
        mapOf<String, suspend () -> Unit>(
            "discovery" to judge::discovery,
            "service token" to judge::serviceToken,
            "login, query" to { judge.login(ResponseMode.QUERY) },
            "login, form_post" to { judge.login(ResponseMode.FORM_POST) },
            "ID token" to judge::idToken,
            "userinfo" to judge::userInfo,
            "refresh" to judge::refresh,
            "revocation" to judge::revocation,
            "cancelled login" to judge::cancelledLogin,
        )
    val passed = runBlocking { steps.map { (name, step) -> passes(name, step) } }
    exitProcess(if (passed.all { it }) 0 else 1)
}

private suspend fun passes(name: String, step: suspend () -> Unit): Boolean {
    val failure = runCatching { step() }.exceptionOrNull()
    println(if (failure == null) "ok      $name" else "FAILED  $name: ${failure.toString().replace('\n', ' ')}")
    return failure == null
}

private class Judge(private val issuer: String, private val serviceScope: String, private val browser: String) {
    private val provider = Provider.discover(issuer)

    suspend fun discovery() {
        val begun = webApp().beginLogin(request())
        check(begun.url.startsWith(issuer)) { "the login begins at ${begun.url}" }
    }

    suspend fun serviceToken() {
        val app = ServiceApp(Registration(provider, "service", clientSecret = "service:secret+100%25&more"))
        val token = app.token(TenantChoice.noTenant(), Scopes.of(serviceScope))
        check(serviceScope in token.scopes) { "the scopes are ${token.scopes}" }
    }

    suspend fun login(mode: ResponseMode) {
        checkNotNull(loggedIn(mode).session.freshToken().expiresAt) { "the token has no end" }
    }

    suspend fun idToken() {
        val claims = checkNotNull(loggedIn().identity) { "nobody was identified" }
        check("web" in claims.audience) { "it is for ${claims.audience}" }
    }

    suspend fun userInfo() {
        val done = loggedIn()
        val user = done.session.userInfo()
        check(user.claim("email") == "anna@example.com") { "the address is ${user.claim("email")}" }
        check(user.subject == done.identity?.subject) { "it is of another user" }
    }

    suspend fun refresh() {
        val session = loggedIn().session
        val first = session.freshToken()
        check(session.refresh().generation == first.generation + 1) { "the token is no later one" }
    }

    suspend fun revocation() {
        val outcome = loggedIn().session.end()
        check(outcome == Revocation.Done) { "the revocation is $outcome" }
    }

    suspend fun cancelledLogin() {
        val failure = runCatching { loggedIn(user = "cancels") }.exceptionOrNull()
        val code = (failure as? GrantlineException)?.code
        check(code == "access_denied") { "expected access_denied, got $failure" }
    }

    private suspend fun loggedIn(mode: ResponseMode = ResponseMode.QUERY, user: String = "accepts"): LoggedIn {
        val app = webApp()
        val begun = app.beginLogin(request(mode))
        val binding = Binding.cookieValue(checkNotNull(begun.binding).exposeValue())
        return app.completeLogin(begun.pending, browsed(begun.url, user), binding)
    }

    private fun webApp(): WebApp {
        val secret = "web:secret+100%25&more"
        return WebApp(Registration(provider, "web", clientSecret = secret, redirectUris = listOf(REDIRECT_URI)))
    }

    private fun request(mode: ResponseMode = ResponseMode.QUERY): LoginRequest {
        val scopes = Scopes.of("openid", "email", "offline_access")
        return LoginRequest(scopes, responseMode = mode, prompts = listOf(Prompt.CONSENT))
    }

    /** What the browser brings back: the redirect's query, or the body of a form. */
    private fun browsed(url: String, user: String): Callback {
        val process = ProcessBuilder(browser, "browse", url, user).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val lines = process.inputReader().readLines()
        check(process.waitFor() == 0) { "the browser failed: $lines" }
        return lines.getOrNull(1)?.let { Callback.formPost(it) } ?: Callback.query(lines[0].substringAfter('?'))
    }
}
