package dev.grantline

import dev.grantline.examples.ScriptedBrowser
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Test
import java.time.Duration

class SecretsTest {
    private fun assertHidden(secrets: List<String>, vararg shown: Any?) {
        for (thing in shown) {
            val text = if (thing is Throwable) thing.stackTraceToString() else thing.toString()
            secrets.forEach { assertFalse(it in text, text) }
        }
    }

    @Test
    fun `nothing of a login shows its secrets`() = suspending {
        val app = webApp()
        val begun = app.beginLogin(LoginRequest(LASTING, appData = "customer-7", loginHint = "anna@example.com"))
        val url = ScriptedBrowser().open(begun.url, WEB_REDIRECT).url
        val callback = Callback.url(url)
        val record = begun.pending.toRecord()
        val cookie = begun.cookie()
        val done = app.completeLogin(begun.pending, callback, cookie)
        val token = done.session.freshToken()
        val code = url.substringAfter("code=").substringBefore('&')
        val verifier = record.substringAfter("\"code_verifier\":\"").substringBefore('"')
        val secrets = listOf(WEB_SECRET, code, verifier, begun.binding!!.exposeValue(), token.exposeSecret(), "customer-7")
        assertHidden(secrets, app, begun, begun.pending, begun.binding, callback, cookie, done, done.session, token)
        val again = refused<ServerMisbehavedException> { app.completeLogin(begun.pending, callback, cookie) }
        assertHidden(secrets, again, LoginRequest(LASTING, appData = "customer-7"))
    }

    @Test
    fun `a refusal that repeats the secret does not pass it on`() = suspending {
        val body = """{"error":"invalid_client","error_description":"no client with service-secret","hint":"service-secret"}"""
        Emulator.visma.reply("kotlin_echo", 400, body, mapOf("content-type" to "application/json"))
        val refusal = refused<ServerRefusedException> { serviceApp(clientId = "kotlin_echo").token(TenantChoice.noTenant(), READ) }
        assertHidden(listOf("service-secret"), refusal, refusal.errorDescription, refusal.members)
    }

    @Test
    fun `nothing that a performer sees shows credentials`() {
        val header = "authorization" to "Basic c2VjcmV0"
        val request = HttpRequest("POST", "https://a.example/token", listOf(header), "secret".toByteArray(), Duration.ofSeconds(1))
        val response = HttpResponse(200, listOf("x" to "secret"), "secret".toByteArray())
        assertHidden(listOf("c2VjcmV0", "secret"), request, response)
        assertHidden(listOf("service-secret"), Registration(Provider.vismaConnect(), "isv_service", "service-secret"))
    }

    @Test
    fun `nothing of a store shows what it keeps`() = suspending {
        val key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        val url = "redis://user:s3cret@127.0.0.1:1"
        val unreachable = Client(Store.redis(url), SealingKeys.fromText(key))
        val failure = refused<StoreException> { nativeApp(client = unreachable).session("anna's").freshToken() }
        val malformed = refused<MisuseException> { SealingKeys.fromText(key.dropLast(4)) }
        assertHidden(listOf(key, key.dropLast(4), "s3cret"), failure, malformed, KEYS, Store.redis(url), unreachable)
        val versioned = Versioned("1", "s3cret".toByteArray())
        assertHidden(listOf("s3cret", versioned.bytes.contentToString()), versioned, Snapshot(0, versioned))
    }
}
