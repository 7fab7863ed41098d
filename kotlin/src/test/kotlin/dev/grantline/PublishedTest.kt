package dev.grantline

import kotlinx.serialization.json.JsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** tests/vectors/published.json: what RFCs print, and what was worked out by their rules. */
class PublishedTest {
    private val published = Vectors.file("published.json")
    private val seen = mutableListOf<HttpRequest>()

    @Test
    fun `a parameter is form-encoded as the RFC prints it`() = suspending {
        val registration = Registration(Provider.vismaConnect(), "isv_invoices", redirectUris = listOf("com.example.app:/callback"))
        for (case in published.objects("form_encoding")) {
            val begun = NativeApp(registration).beginLogin(LoginRequest(Scopes.of("openid"), loginHint = case.text("text")))
            assertTrue(begun.url.endsWith("&login_hint=${case.text("encoded")}"), begun.url)
        }
    }

    @Test
    fun `basic credentials come out as published`() = suspending {
        for (case in published.objects("client_secret_basic")) {
            ask(Provider.vismaConnect(), case.text("client_id")!!, case.text("client_secret")!!)
            val header = seen.single().headers.single { (name, _) -> name.equals("authorization", ignoreCase = true) }
            assertEquals(case.text("authorization"), header.second, case.text("source"))
        }
    }

    @Test
    fun `the metadata of an issuer are looked for where the standards say`() = suspending {
        for (case in published.objects("metadata_urls")) {
            ask(Provider.discover(case.text("issuer")!!), "isv", "secret")
            assertEquals(urls(case), seen.map { it.url }, case.text("source"))
        }
    }

    private fun urls(case: JsonObject) = listOf(case.text("openid"), case.text("oauth"))

    /** Asks for a token where there is nothing, and keeps what was sent. */
    private suspend fun ask(provider: Provider, clientId: String, secret: String) {
        seen.clear()
        val nothing = HttpPerformer { request -> HttpResponse(404, emptyList(), ByteArray(0)).also { seen.add(request) } }
        val registration =
            Registration(provider, clientId, secret, clientAuthentication = ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
        Client(performer = nothing).use { client ->
            assertRefused("unexpected_status") { ServiceApp(registration, client).token(TenantChoice.noTenant(), READ) }
        }
    }
}
