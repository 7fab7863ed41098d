package dev.grantline

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import java.nio.file.Path
import java.security.MessageDigest
import java.time.Instant
import java.util.Base64
import kotlin.io.path.readText

class VectorsTest {
    private val client = Client()

    @TestFactory
    fun `authorization requests`(): List<DynamicTest> =
        Vectors.tests(Vectors.file("authorization_requests.json")) { case, expect ->
            val begun = begin(case.child("application")!!, Vectors.loginRequest(case.child("request")!!))
            val record = Json.parseToJsonElement(begun.pending.toRecord()).jsonObject
            assertUrl(expect, begun.url, record)
            expect["cookie"]?.let { assertEquals(it.jsonPrimitive.boolean, begun.binding != null) }
            expect.child("record")?.forEach { (name, value) -> assertEquals(value, record[name], name) }
        }

    @TestFactory
    fun callbacks(): List<DynamicTest> {
        val file = Vectors.file("callbacks.json")
        return Vectors.tests(file) { case, expect ->
            val application = file.child("applications")!!.child(case.text("application")!!)!!
            val pending = PendingLogin.fromRecord(file.child("pending")!!.text(case.text("pending")!!)!!)
            check(application, pending, callback(case), case.child("binding"))
            assertTrue(expect.getValue("accepted").jsonPrimitive.boolean)
        }
    }

    @TestFactory
    fun `service token requests`(): List<DynamicTest> = serviceTokens("service_token_requests.json")

    @TestFactory
    fun `token responses`(): List<DynamicTest> = serviceTokens("token_responses.json")

    @Test
    fun `the runner's own challenge is the RFC's`() {
        for (case in Vectors.file("published.json").objects("s256")) {
            assertEquals(case.text("code_challenge"), s256(case.text("code_verifier")!!), case.text("source"))
        }
    }

    @Test
    fun `the first release's pending login is read and written back unchanged`() {
        val record = Path.of(environment("GRANTLINE_VECTORS"), "fixtures", "pending_v1.json").readText().trimEnd()
        assertEquals(record, PendingLogin.fromRecord(record).toRecord())
    }

    private suspend fun begin(application: JsonObject, request: LoginRequest): BegunLogin {
        val registration = Vectors.registration(application)
        return when (application.text("type")) {
            "web" -> WebApp(registration, client).beginLogin(request)
            "native" -> NativeApp(registration, client).beginLogin(request)
            else -> SinglePageApp(registration, client).beginLogin(request)
        }
    }

    private fun check(application: JsonObject, pending: PendingLogin, callback: Callback, shown: JsonObject?) {
        val registration = Vectors.registration(application)
        when (application.text("type")) {
            "web" -> WebApp(registration, client).checkCallback(pending, callback, binding(shown!!))
            "native" -> NativeApp(registration, client).checkCallback(pending, callback)
            else -> SinglePageApp(registration, client).checkCallback(pending, callback)
        }
    }

    private fun callback(case: JsonObject): Callback {
        val (kind, text) = case.child("callback")!!.entries.single()
        val raw = Vectors.padded(case, text.jsonPrimitive.content)
        return when (kind) {
            "url" -> Callback.url(raw)
            "query" -> Callback.query(raw)
            else -> Callback.formPost(raw)
        }
    }

    private fun binding(shown: JsonObject): Binding {
        val (kind, value) = shown.entries.single()
        return when (kind) {
            "cookie_header" -> Binding.cookieHeader(value.jsonPrimitive.content)
            "cookie_value" -> Binding.cookieValue(value.jsonPrimitive.content)
            else -> Binding.dangerousUnbound()
        }
    }

    private fun assertUrl(expect: JsonObject, url: String, record: JsonObject) {
        var expected = expect.text("url")!!
        for (name in listOf("state", "nonce", "code_challenge").filter { "{$it}" in expected }) {
            val value = parameter(url, name)
            assertTrue(RANDOM.matches(value!!), "$name=$value")
            expected = expected.replace("{$name}", value)
        }
        assertEquals(expected, url)
        assertEquals(record.text("state"), parameter(url, "state"))
        assertEquals(record.text("code_verifier")?.let(::s256), parameter(url, "code_challenge"))
    }

    private fun parameter(url: String, name: String) = Regex("[?&]$name=([^&]*)").find(url)?.groupValues?.get(1)

    private fun s256(verifier: String): String =
        Base64.getUrlEncoder().withoutPadding().encodeToString(MessageDigest.getInstance("SHA-256").digest(verifier.toByteArray()))

    private fun serviceTokens(name: String): List<DynamicTest> =
        Vectors.tests(Vectors.file(name)) { case, expect ->
            val clientId = case.child("application")!!.child("registration")!!.text("client_id")!!
            val reply = case.child("reply")
            val earlier = Emulator.visma.tokenRequests(clientId).size
            reply?.let { prepare(case, clientId, it) }
            try {
                val before = Instant.now()
                val token = token(case)
                assertToken(expect.child("token")!!, token, before..Instant.now())
            } finally {
                assertSent(expect, reply != null, Emulator.visma.tokenRequests(clientId).drop(earlier))
            }
        }

    private fun prepare(case: JsonObject, clientId: String, reply: JsonObject) =
        Emulator.visma.reply(
            clientId = clientId,
            status = reply.number("status")!!.toInt(),
            body = Vectors.padded(case, reply.text("body")!!),
            headers = reply.child("headers").orEmpty().mapValues { it.value.jsonPrimitive.content },
        )

    private suspend fun token(case: JsonObject): AccessToken {
        val request = case.child("request")!!.only("tenant", "scopes", "resource")
        val tenant = Vectors.tenant(request.getValue("tenant"))
        val scopes = Vectors.scopes(request.getValue("scopes"))
        val registration = Vectors.registration(case.child("application")!!)
        // A client of its own: after five cases of trouble one would leave the provider alone for a while.
        return Client().use { ServiceApp(registration, it).token(tenant, scopes, request.text("resource")) }
    }

    private fun assertToken(expected: JsonObject, token: AccessToken, around: ClosedRange<Instant>) {
        expected.only("access_token", "expires_in", "scopes")
        assertEquals(expected.text("access_token"), token.exposeSecret())
        assertEquals(expected.texts("scopes").toSet(), token.scopes.toSet())
        val lifetime = expected.number("expires_in")
        if (lifetime == null) {
            assertNull(token.expiresAt)
        } else {
            // The driver's clock stands still between two ticks of the system, 10 ms at most.
            val began = token.expiresAt!!.minusSeconds(lifetime)
            assertTrue(began.plusMillis(11) >= around.start && began <= around.endInclusive, "$began is not in $around")
        }
    }

    private fun assertSent(expect: JsonObject, answered: Boolean, sent: List<JsonObject>) {
        assertEquals(if (answered) 1 else 0, sent.size)
        expect.child("sent")?.child("journal")?.forEach { (name, value) ->
            assertEquals(value, sent.single()[name] ?: JsonNull, name)
        }
    }

    private companion object {
        val RANDOM = Regex("[A-Za-z0-9_-]{43}")
    }
}
