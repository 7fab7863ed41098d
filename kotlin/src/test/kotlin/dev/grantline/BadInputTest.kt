package dev.grantline

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.TestFactory
import java.time.Duration

/** What an application can get wrong: each is refused with a code and words that say what to change. */
class BadInputTest {
    private val visma = Provider.vismaConnect()
    private val redirects = listOf(WEB_REDIRECT)
    private val service = ServiceApp(Registration(Emulator.visma.provider(), "kotlin_bad_input", "secret"))

    private fun web(vararg redirects: String) = WebApp(Registration(visma, "isv_web", "secret", redirects.asList()))

    private fun native(vararg redirects: String, secret: String? = null) =
        NativeApp(Registration(visma, "isv_native", secret, redirects.asList()))

    private val mistakes: List<Triple<String, String, suspend () -> Any?>> =
        listOf(
            mistake("client_id_missing", "the client id") { ServiceApp(Registration(visma, " ", "secret")) },
            mistake("client_secret_missing", "client secret") { ServiceApp(Registration(visma, "isv_service")) },
            mistake("client_secret_missing", "client secret") { WebApp(Registration(visma, "isv_web", "", redirects)) },
            mistake("secret_for_public_client", "Remove the client secret") { native("com.example.app:/callback", secret = "s") },
            mistake("secret_for_public_client", "Remove the client secret") {
                SinglePageApp(Registration(visma, "isv_spa", "secret", redirects))
            },
            mistake("secret_method_without_secret", "client secret") {
                WebApp(Registration(visma, "a", null, redirects, ClientAuthenticationMethod.CLIENT_SECRET_POST))
            },
            mistake("empty_scopes", "name at least one") { service.token(TenantChoice.noTenant(), Scopes.of()) },
            mistake("invalid_scope_value", "a b") { service.token(TenantChoice.noTenant(), Scopes.of("a b")) },
            mistake("scope_forbidden", "openid") { service.token(TenantChoice.noTenant(), Scopes.of("openid")) },
            mistake("invalid_tenant_id", "not a UUID") { service.token(TenantChoice.tenant("Fjord Bakery"), READ) },
            mistake("invalid_resource", "absolute URI") { service.token(TenantChoice.noTenant(), READ, "/invoices") },
            mistake("redirect_uri_missing", "no redirect URI") { web() },
            mistake("redirect_uri_fragment", "remove what follows the #") { web("https://app.example/callback#top") },
            mistake("redirect_uri_relative", "/callback") { web("/callback") },
            mistake("redirect_uri_insecure", "loopback") { web("http://app.example/callback") },
            mistake("redirect_uri_scheme", "com.example.app:/callback") { native("myapp://callback") },
            mistake("redirect_uri_not_registered", "evil.example") {
                web(WEB_REDIRECT).beginLogin(LoginRequest(LASTING, redirectUri = "https://evil.example/"))
            },
            mistake("redirect_uri_ambiguous", "which one") {
                web(WEB_REDIRECT, "https://app.example/other").beginLogin(LoginRequest(LASTING))
            },
            mistake("prompt_conflict", "prompt=none") {
                web(WEB_REDIRECT).beginLogin(LoginRequest(LASTING, prompts = listOf(Prompt.NONE, Prompt.LOGIN)))
            },
            mistake("reserved_parameter", "state") {
                web(WEB_REDIRECT).beginLogin(LoginRequest(LASTING, parameters = listOf("state" to "mine")))
            },
            mistake("pkce_required", "PKCE") {
                native("com.example.app:/callback").beginLogin(LoginRequest(LASTING, dangerousWithoutPkce = true))
            },
            mistake("invalid_session_id", "256 bytes") { web(WEB_REDIRECT).session("") },
            mistake("record_malformed", "truncated") { PendingLogin.fromRecord("{\"v\":1") },
            mistake("record_too_new", "update grantline") { PendingLogin.fromRecord("{\"v\":99}") },
            mistake("invalid_issuer", "https") { Provider.vismaConnectAt("http://connect.visma.example") },
            mistake("insecure_endpoint", "loopback") {
                Provider.fromMetadata("https://a.example", """{"issuer":"https://a.example","token_endpoint":"http://a.example/t"}""")
            },
            mistake("invalid_client_setting", "http_timeout") { Client(httpTimeout = Duration.ofMinutes(5)) },
            mistake("invalid_client_setting", "proxy") { Client(proxy = "not a URL") },
        )

    private fun mistake(code: String, says: String, make: suspend () -> Any?) = Triple(code, says, make)

    @TestFactory
    fun `each mistake is refused before anything is sent`(): List<DynamicTest> =
        mistakes.map { (code, says, make) ->
            dynamicTest("$code: $says") {
                suspending {
                    val refusal = refused<MisuseException> { make() }
                    assertEquals(code, refusal.code)
                    assertEquals(Advice.FIX_CONFIGURATION, refusal.advice)
                    assertTrue(says in refusal.message!!, refusal.message)
                    assertEquals(0, Emulator.visma.tokenRequests("kotlin_bad_input").size)
                }
            }
        }
}
