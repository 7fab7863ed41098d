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
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
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
            "discovery" to { judge.discovered() },
            "service token" to judge::serviceToken,
            "login, query" to { judge.login(ResponseMode.QUERY) },
            "login, form_post" to { judge.login(ResponseMode.FORM_POST) },
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
    /** Until the library fetches it by itself, the application does. */
    fun discovered(): Provider {
        val place = URI.create("$issuer/.well-known/openid-configuration")
        val answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(place).build(), BodyHandlers.ofString())
        return Provider.fromMetadata(issuer, answer.body())
    }

    suspend fun serviceToken() {
        val app = ServiceApp(Registration(discovered(), "service", clientSecret = "service:secret+100%25&more"))
        val token = app.token(TenantChoice.noTenant(), Scopes.of(serviceScope))
        check(serviceScope in token.scopes) { "the scopes are ${token.scopes}" }
    }

    suspend fun login(mode: ResponseMode) {
        checkNotNull(loggedIn(mode).session.freshToken().expiresAt) { "the token has no end" }
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
        val registration =
            Registration(discovered(), "web", clientSecret = "web:secret+100%25&more", redirectUris = listOf(REDIRECT_URI))
        val app = WebApp(registration)
        val scopes = Scopes.of("openid", "email", "offline_access")
        val begun = app.beginLogin(LoginRequest(scopes, responseMode = mode, prompts = listOf(Prompt.CONSENT)))
        val binding = Binding.cookieValue(checkNotNull(begun.binding).exposeValue())
        return app.completeLogin(begun.pending, browsed(begun.url, user), binding)
    }

    /** What the browser brings back: the redirect's query, or the body of a form. */
    private fun browsed(url: String, user: String): Callback {
        val process = ProcessBuilder(browser, "browse", url, user).redirectError(ProcessBuilder.Redirect.INHERIT).start()
        val lines = process.inputReader().readLines()
        check(process.waitFor() == 0) { "the browser failed: $lines" }
        return lines.getOrNull(1)?.let { Callback.formPost(it) } ?: Callback.query(lines[0].substringAfter('?'))
    }
}
