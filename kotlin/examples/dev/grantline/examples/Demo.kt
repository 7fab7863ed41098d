package dev.grantline.examples

import dev.grantline.AccessToken
import dev.grantline.Binding
import dev.grantline.Callback
import dev.grantline.Client
import dev.grantline.GrantlineException
import dev.grantline.LoginRequest
import dev.grantline.PendingLogin
import dev.grantline.Provider
import dev.grantline.Registration
import dev.grantline.ResponseMode
import dev.grantline.Revocation
import dev.grantline.Scopes
import dev.grantline.SealingKeys
import dev.grantline.ServiceApp
import dev.grantline.Store
import dev.grantline.TenantChoice
import dev.grantline.WebApp
import kotlinx.coroutines.runBlocking
import java.nio.file.Path
import kotlin.io.path.createTempDirectory
import kotlin.system.exitProcess

private const val FJORD_BAKERY = "11111111-1111-4111-8111-111111111111"
private const val REDIRECT_URI = "https://app.example/callback"

/**
 * grantline's main job from Kotlin: a service token for a tenant, a user's login from start to end, and a second process
 * that goes on with the session. It talks to the emulator whose URL is in GRANTLINE_EMULATOR_URL, and ends with 0 only if
 * all of it worked.
 *
 * @param arguments of the second process: where the first has kept the session, and under which name
 */
fun main(arguments: Array<String>) {
    val emulator = System.getenv("GRANTLINE_EMULATOR_URL") ?: end("GRANTLINE_EMULATOR_URL is not set")
    try {
        val provider = Provider.vismaConnectAt(emulator)
        runBlocking {
            if (arguments.isEmpty()) first(provider) else second(provider, Path.of(arguments[0]), arguments[1])
        }
    } catch (failure: GrantlineException) {
        end("failed (${failure.code}, ${failure.advice}): ${failure.message}")
    }
}

private suspend fun first(provider: Provider) {
    val folder = createTempDirectory("grantline-demo")
    try {
        SealingKeys.createFile(folder.resolve("sealing.key"))
        val session =
            clientOn(folder).use { client ->
                showServiceToken(provider, client)
                showLogin(provider, client)
            }
        restart(folder, session)
    } finally {
        folder.toFile().deleteRecursively()
    }
}

/** Sessions outlive the process in an SQLite file, sealed with a key that is kept apart from it. */
private fun clientOn(folder: Path) =
    Client(
        store = Store.sqlite(folder.resolve("sessions.db")),
        sealingKeys = SealingKeys.fromFile(folder.resolve("sealing.key")),
    )

/** Starts this program once more. */
private fun restart(folder: Path, session: String) {
    val java = Path.of(System.getProperty("java.home"), "bin", "java").toString()
    val flags = listOf("-Dfile.encoding=UTF-8", "-Dstdout.encoding=UTF-8", "-cp", System.getProperty("java.class.path"))
    val program = listOf(java) + flags + listOf("dev.grantline.examples.DemoKt", folder.toString(), session)
    val code = ProcessBuilder(program).inheritIO().start().waitFor()
    check(code == 0) { "the second process ended with $code" }
}

/** Another process goes on with the session of the first. */
private suspend fun second(provider: Provider, folder: Path, id: String) =
    clientOn(folder).use { client ->
        val session = webApp(provider, client).session(id)
        val kept = session.freshToken()
        println("a second process has token:  ${redacted(kept)}")
        val refreshed = session.refresh()
        check(refreshed.generation > kept.generation) { "a refresh gives a later token" }
        println("and refreshes it:            ${redacted(refreshed)}")
        check(session.end() == Revocation.Done) { "the server takes the refresh token back" }
        println("the user logs out:           the session has ended, here and at the provider")
    }

/** A service integration gets a token for one of its customers. */
private suspend fun showServiceToken(provider: Provider, client: Client) {
    val app = ServiceApp(Registration(provider, "isv_service", clientSecret = "service-secret"), client)
    val token = app.token(TenantChoice.tenant(FJORD_BAKERY), Scopes.of("visma_api:read"))
    println("service token for a tenant:  ${redacted(token)}")
}

private fun webApp(provider: Provider, client: Client): WebApp {
    val secret = "web:secret+100%25&more"
    return WebApp(Registration(provider, "isv_web", clientSecret = secret, redirectUris = listOf(REDIRECT_URI)), client)
}

/** A web application logs a user in, and refreshes. Answers the name of the session. */
private suspend fun showLogin(provider: Provider, client: Client): String {
    val app = webApp(provider, client)
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
    return done.session.id
}

/** Enough of a token to tell two apart. */
private fun redacted(token: AccessToken) =
    "…${token.exposeSecret().takeLast(6)} for ${token.scopes.joinToString(" ")}, until ${token.expiresAt}"

private fun end(text: String): Nothing {
    System.err.println(text)
    exitProcess(1)
}
