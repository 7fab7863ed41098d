package dev.grantline

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.booleanOrNull
import kotlinx.serialization.json.doubleOrNull
import kotlinx.serialization.json.longOrNull
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.TestFactory
import java.time.Duration
import java.time.Instant

/** tests/vectors/id_tokens.json: ID tokens, believed or refused. */
class IdTokenVectorsTest {
    @TestFactory
    fun `id tokens`(): List<DynamicTest> {
        val file = Vectors.file("id_tokens.json")
        return Vectors.tests(file) { case, expect ->
            case.only("name", "source", "registration", "key_set", "token", "padding", "expectations", "now_ms", "expect")
            val registration = Vectors.judging(file.child("registrations")!!.child(case.text("registration")!!)!!)
            val keys = file.child("key_sets")!!.text(case.text("key_set")!!)!!
            val token = Vectors.padded(case, case.text("token")!!)
            val now = Instant.ofEpochMilli(case.number("now_ms")!!)
            val claims = registration.checkIdToken(token, keys, expectations(case.child("expectations")!!), now)
            expect.child("claims")!!.forEach { (name, value) -> compare(claims, name, value) }
        }
    }

    private fun expectations(described: JsonObject): IdTokenExpectations {
        described.only("nonce", "max_age_s", "acr_values", "access_token")
        val maxAge = described.number("max_age_s")?.let(Duration::ofSeconds)
        val (acrValues, accessToken) = described.text("acr_values") to described.text("access_token")
        return when (val nonce = described.text("nonce")) {
            null -> IdTokenExpectations.expectNoNonce(maxAge, acrValues, accessToken)
            else -> IdTokenExpectations.nonce(nonce, maxAge, acrValues, accessToken)
        }
    }

    private fun compare(claims: IdTokenClaims, name: String, expected: JsonElement) {
        if (name == "further") {
            return (expected as JsonObject).forEach { (further, value) ->
                assertEquals(plain(value), claims.claim(further), further)
                assertEquals(claims.claim(further), claims.furtherClaims[further], further)
            }
        }
        assertEquals(plain(expected), told(claims, name), name)
    }

    private fun told(claims: IdTokenClaims, name: String): Any? =
        when (name) {
            "issuer" -> claims.issuer
            "subject" -> claims.subject
            "audience" -> claims.audience
            "expires_at_ms" -> claims.expiresAt.toEpochMilli()
            "issued_at_ms" -> claims.issuedAt.toEpochMilli()
            "auth_time_ms" -> claims.authTime?.toEpochMilli()
            "acr" -> claims.acr
            "amr" -> claims.amr
            "session_id" -> claims.sessionId
            "identity_provider" -> claims.identityProvider
            "last_login_time" -> claims.lastLoginTime
            "tenant_id" -> claims.tenantId
            else -> error("no such claim: $name")
        }

    private fun plain(value: JsonElement): Any? =
        when (value) {
            is JsonNull -> null
            is JsonArray -> value.map(::plain)
            is JsonObject -> value.mapValues { plain(it.value) }
            is JsonPrimitive -> if (value.isString) value.content else value.booleanOrNull ?: value.longOrNull ?: value.doubleOrNull
        }
}
