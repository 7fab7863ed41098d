package dev.grantline

import dev.grantline.examples.ScriptedBrowser
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import java.time.Duration
import java.time.Instant

/** Who logged in: the ID token of a login, at the emulator in both modes. */
class IdentityTest {
    private fun app(provider: Provider, algorithm: SigningAlgorithm? = null, tolerance: Duration? = null) =
        WebApp(
            Registration(
                provider,
                "isv_web",
                WEB_SECRET,
                listOf(WEB_REDIRECT),
                idTokenAlgorithm = algorithm,
                trustedAudiences = listOf("https://api.example"),
                clockTolerance = tolerance,
            ),
        )

    private suspend fun WebApp.loggedIn(vararg scopes: String, preferAcrValues: String? = null): LoggedIn {
        val begun = beginLogin(LoginRequest(Scopes.of(*scopes), preferAcrValues = preferAcrValues))
        return completeLogin(begun.pending, Callback.url(ScriptedBrowser().open(begun.url, WEB_REDIRECT).url), begun.cookie())
    }

    @ParameterizedTest
    @MethodSource("dev.grantline.Modes#both")
    fun `a login with openid says who logged in`(emulator: Emulator) = suspending {
        val identity = app(emulator.provider()).loggedIn("openid", "profile", "visma_api:read").identity!!
        assertEquals(emulator.url, identity.issuer)
        assertEquals(listOf("isv_web"), identity.audience)
        val soon = Instant.now().plusSeconds(1)
        assertTrue(identity.issuedAt <= soon && soon < identity.expiresAt && identity.authTime!! <= soon)
        assertNotNull(identity.sessionId)
        assertEquals(identity.sessionId, identity.claim("sid"))
        assertEquals(identity.sessionId, identity.furtherClaims["sid"])
        assertNull(identity.claim("no such claim"))
        val shown = identity.toString()
        assertTrue(identity.subject in shown && identity.issuer in shown)
        assertFalse(identity.sessionId!! in shown)
    }

    @ParameterizedTest
    @MethodSource("dev.grantline.Modes#both")
    fun `a login without openid identifies nobody`(emulator: Emulator) = suspending {
        val done = app(emulator.provider()).loggedIn("visma_api:read")
        assertNull(done.identity)
        assertEquals(200, emulator.callApi(done.session.freshToken()))
    }

    @Test
    fun `only the registered algorithm is followed`() = suspending {
        val provider = Emulator.visma.provider()
        val wrong = assertRefused("id_token_algorithm_mismatch") { app(provider, SigningAlgorithm.ES256).loggedIn("openid") }
        assertEquals(Advice.FIX_CONFIGURATION, wrong.advice)
        assertNotNull(app(provider, SigningAlgorithm.RS256).loggedIn("openid").identity)
    }

    @Test
    fun `a preferred context that is not reached is no refusal`() = suspending {
        assertNotNull(app(Emulator.standard.provider()).loggedIn("openid", preferAcrValues = "no:such:context").identity)
    }

    @Test
    fun `a discovered provider logs users in`() = suspending {
        val provider = Provider.discover(Emulator.standard.url)
        assertEquals(provider.issuer, app(provider).loggedIn("openid").identity?.issuer)
    }

    @Test
    fun `settings that cannot be are refused`() = suspending {
        assertRefused("clock_tolerance_too_long") { app(Provider.vismaConnect(), tolerance = Duration.ofSeconds(301)) }
        assertRefused("invalid_issuer") { Provider.discover("http://idp.example") }
    }

    @Test
    fun `an ID token is judged by the clock unless a moment is given`() = suspending {
        val registration = Registration(Provider.vismaConnect(), "isv_web")
        val expected = IdTokenExpectations.nonce("n", accessToken = "secret")
        assertFalse("secret" in expected.toString())
        assertRefused("id_token_malformed") { registration.checkIdToken("x.y.z", """{"keys":[]}""", expected) }
        assertRefused("id_token_malformed") { registration.checkIdToken("x.y.z", """{"keys":[]}""", expected, Instant.EPOCH) }
    }
}
