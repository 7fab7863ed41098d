package dev.grantline

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import java.nio.file.Path
import java.util.Base64
import javax.crypto.Mac
import javax.crypto.spec.SecretKeySpec

/** What a provider says of users, tokens and tenants. */
class InquiryTest {
    private val profile = Scopes.of("openid", "profile", "offline_access")

    @ParameterizedTest
    @MethodSource("dev.grantline.Modes#both")
    fun `userinfo and the session itself name the user of the id token`(emulator: Emulator) = suspending {
        val done = webApp(emulator).loggedIn(scopes = profile)
        val answer = done.session.userInfo()
        assertEquals(done.identity!!.subject, answer.subject)
        assertEquals("Anna Berg", answer.claim("name"))
        assertEquals("Anna Berg", answer.claims["name"])
        assertEquals("UserInfo(subject=${answer.subject}, redacted)", answer.toString())
        assertEquals(answer.subject, done.session.identity()!!.subject)
        assertNull(webApp(emulator).loggedIn(scopes = READ).session.identity())
    }

    @ParameterizedTest
    @MethodSource("dev.grantline.Modes#both")
    fun `userinfo about somebody else is not used`(emulator: Emulator) = suspending {
        val session = webApp(emulator).loggedIn(scopes = profile).session
        emulator.fault("userinfo", "other-subject")
        assertRefused("user_info_subject_mismatch") { session.userInfo() }
    }

    @ParameterizedTest
    @MethodSource("dev.grantline.Modes#both")
    fun `introspection tells whether a token is good`(emulator: Emulator) = suspending {
        val app = webApp(emulator)
        val done = app.loggedIn()
        val answer = app.introspect(done.session.freshToken().exposeSecret())
        assertTrue(answer.isActive && "visma_api:read" in answer.scopes!!)
        assertEquals("isv_web", answer.clientId)
        assertEquals(done.identity!!.subject, answer.subject)
        assertNotNull(answer.expiresAt)
        assertEquals(answer.member("client_id"), answer.members["client_id"])
        assertFalse(answer.subject!! in answer.toString())
        val unknown = app.introspect("nobody's")
        assertFalse(unknown.isActive)
        assertEquals(emptyMap<String, Any?>(), unknown.members)
        val service = serviceApp(emulator)
        assertTrue(service.introspect(service.token(TenantChoice.tenant(FJORD_BAKERY), READ).exposeSecret()).isActive)
    }

    @Test
    fun `a token for another tenant is not used`() = suspending {
        Emulator.visma.fault("access-token", "other-tenant")
        assertRefused("tenant_mismatch") { serviceApp().token(TenantChoice.tenant(FJORD_BAKERY), READ) }
        val byDefault = ServiceApp(Registration(Emulator.visma.provider(), "isv_service_default", "service-default-secret"), Client())
        val named = assertRefused("tenant_mismatch") { byDefault.token(TenantChoice.noTenant(), READ) }
        assertEquals(Advice.FIX_CONFIGURATION, named.advice)
    }

    @Test
    fun `a look into a token verifies nothing`() = suspending {
        val token = serviceApp().token(TenantChoice.tenant(FJORD_BAKERY), READ)
        val inspection = Inspection.of(token.exposeSecret())!!
        assertEquals(FJORD_BAKERY, inspection.claims["tenant_id"])
        assertEquals("RS256", inspection.header["alg"])
        assertEquals("Inspection(redacted)", inspection.toString())
        assertNull(Inspection.of("opaque"))
    }

    @Test
    fun `a tenant that approved the application is told`(@TempDir folder: Path) = suspending {
        Notifier(folder).use { notifier ->
            fun next(): Told {
                notifier.emulator.approve("isv_service", NOT_APPROVED)
                return notifier.next()
            }
            val told = next()
            val event = WebhookEvent.verify(Notifier.SECRET, told.body, told.signature)
            assertEquals("tenant_application_added", event.name)
            assertEquals(NOT_APPROVED, event.tenantId)
            assertEquals("isv_service", event.members["client_id"])
            for (fault in listOf("wrong-signature", "no-signature", "altered-body")) {
                notifier.emulator.fault("webhook", fault)
                val wrong = next()
                assertRefused("webhook_signature_invalid") { WebhookEvent.verify(Notifier.SECRET, wrong.body, wrong.signature) }
            }
        }
    }

    @Test
    fun `an event of another kind is passed on`() = suspending {
        val body = """{"event":"application_renamed","tenant_id":"x"}"""
        val event = WebhookEvent.verify("secret", body.toByteArray(), signature(body))
        assertEquals("WebhookEvent(name=application_renamed, tenantId=null)", event.toString())
        assertEquals("x", event.members["tenant_id"])
        assertRefused("webhook_malformed") { WebhookEvent.verify("secret", "[]".toByteArray(), signature("[]")) }
    }

    private fun signature(body: String): String {
        val mac = Mac.getInstance("HmacSHA256").apply { init(SecretKeySpec("secret".toByteArray(), algorithm)) }
        return Base64.getEncoder().encodeToString(mac.doFinal(body.toByteArray()))
    }
}
