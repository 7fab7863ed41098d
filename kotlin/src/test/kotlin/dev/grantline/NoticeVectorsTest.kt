package dev.grantline

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import java.time.Instant

/** tests/vectors/logout_tokens.json and webhooks.json: what comes from the provider by itself, taken or refused. */
class NoticeVectorsTest {
    @TestFactory
    fun `logout tokens`(): List<DynamicTest> {
        val file = Vectors.file("logout_tokens.json")
        return Vectors.tests(file) { case, expect ->
            case.only("name", "source", "token", "now_ms", "expect")
            val registration = Vectors.judging(file.child("registration")!!)
            val now = Instant.ofEpochMilli(case.number("now_ms")!!)
            val notice = registration.checkLogoutToken(case.text("token")!!, file.text("key_set")!!, now)
            val expected = expect.child("notice")!!.only("issued_at_ms", "subject", "session_id")
            assertEquals(expected.number("issued_at_ms"), notice.issuedAt.toEpochMilli())
            assertEquals(expected.text("subject"), notice.subject)
            assertEquals(expected.text("session_id"), notice.sessionId)
        }
    }

    @TestFactory
    fun webhooks(): List<DynamicTest> =
        Vectors.tests(Vectors.file("webhooks.json")) { case, expect ->
            case.only("name", "source", "secret", "body", "signature", "expect")
            val body = case.text("body")!!.toByteArray()
            val event = WebhookEvent.verify(case.text("secret")!!, body, case.text("signature")!!)
            val expected = expect.child("event")!!.only("name", "tenant_id")
            assertEquals(expected.text("name"), event.name)
            assertEquals(expected.text("tenant_id"), event.tenantId)
        }
}
