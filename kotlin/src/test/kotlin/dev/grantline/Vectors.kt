package dev.grantline

import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import java.nio.file.Path
import java.time.Duration
import kotlin.io.path.readText

/** The table of cases that all four languages run; tests/vectors/README.md says how. */
object Vectors {
    fun file(name: String): JsonObject {
        val text = Path.of(environment("GRANTLINE_VECTORS"), name).readText()
        return Json.parseToJsonElement(text.replace("{server}", Emulator.visma.url)).jsonObject
    }

    /** One test a case. The case gives its success, or is refused. */
    fun tests(file: JsonObject, run: suspend (case: JsonObject, expect: JsonObject) -> Unit): List<DynamicTest> {
        assertEquals(1L, file.number("schema"))
        val cases = file.objects("cases")
        check(cases.isNotEmpty()) { "a file without cases" }
        return cases.map { case ->
            dynamicTest(case.text("name")!!) { runBlocking { judge(case, run) } }
        }
    }

    private suspend fun judge(case: JsonObject, run: suspend (JsonObject, JsonObject) -> Unit) {
        val expect = case.child("expect")!!.only(*OUTCOMES)
        val refusal = expect.child("error")
        if (refusal == null) return run(case, expect)
        compare(refusal, refused { run(case, expect) })
    }

    private fun compare(expected: JsonObject, failure: GrantlineException) {
        expected.only("code", "fault", "advice", "retry_after_s", "error_description")
        assertEquals(expected.text("code"), failure.code, failure.message)
        assertEquals(expected.text("fault"), failure.fault.name.lowercase())
        assertEquals(expected.text("advice"), failure.advice.name.lowercase())
        assertEquals(expected.number("retry_after_s")?.let(Duration::ofSeconds), failure.retryAfter)
        expected.text("error_description")?.let { assertEquals(it, (failure as ServerRefusedException).errorDescription) }
    }

    /** A text of the case, with its padding. */
    fun padded(case: JsonObject, text: String): String {
        val padding = case.child("padding") ?: return text
        return text.replace("{padding}", padding.text("text")!!.repeat(padding.number("times")!!.toInt()))
    }

    fun registration(application: JsonObject): Registration {
        val registration = application.child("registration")!!
        registration.only("client_id", "client_secret", "client_authentication", "redirect_uris")
        return Registration(
            provider = provider(application.child("provider")!!),
            clientId = registration.text("client_id")!!,
            clientSecret = registration.text("client_secret"),
            redirectUris = registration.texts("redirect_uris"),
            clientAuthentication = registration.text("client_authentication")?.let { named(it) },
        )
    }

    /** A registration by which a token is judged. */
    fun judging(described: JsonObject): Registration {
        described.only("provider", "client_id", "id_token_algorithm", "trusted_audiences", "clock_tolerance_s")
        return Registration(
            provider = provider(described.child("provider")!!),
            clientId = described.text("client_id")!!,
            idTokenAlgorithm = described.text("id_token_algorithm")?.let { named(it) },
            trustedAudiences = described.texts("trusted_audiences"),
            clockTolerance = described.number("clock_tolerance_s")?.let(Duration::ofSeconds),
        )
    }

    fun provider(provider: JsonObject): Provider = provider.text("discover")?.let(Provider::discover) ?: known(provider)

    private fun known(provider: JsonObject): Provider =
        when (provider.text("profile")) {
            "visma_connect" -> Provider.vismaConnect()
            "visma_connect_staging" -> Provider.vismaConnectStaging()
            "visma_connect_at" -> Provider.vismaConnectAt(provider.text("issuer")!!)
            else -> Provider.fromMetadata(provider.text("issuer")!!, provider.getValue("metadata").toString())
        }

    fun scopes(scopes: JsonElement): Scopes =
        when (scopes) {
            is JsonArray -> Scopes.list(scopes.texts())
            else -> Scopes.allAllowed().also { assertEquals(JsonPrimitive("all_allowed"), scopes) }
        }

    fun tenant(tenant: JsonElement): TenantChoice =
        when {
            tenant is JsonObject -> TenantChoice.tenant(tenant.text("tenant")!!)
            tenant.jsonPrimitive.content == "default_tenant" -> TenantChoice.defaultTenant()
            else -> TenantChoice.noTenant().also { assertEquals(JsonPrimitive("no_tenant"), tenant) }
        }

    fun loginRequest(request: JsonObject): LoginRequest {
        request.only(*LOGIN_MEMBERS)
        return LoginRequest(
            scopes = scopes(request.getValue("scopes")),
            redirectUri = request.text("redirect_uri"),
            responseMode = request.text("response_mode")?.let { named<ResponseMode>(it) },
            prompts = request.texts("prompt").map { named<Prompt>(it) },
            loginHint = request.text("login_hint"),
            maxAge = request.number("max_age")?.let(Duration::ofSeconds),
            expiresAfter = request.number("expires_after")?.let(Duration::ofSeconds),
            acrValues = request.text("acr_values"),
            preferAcrValues = request.text("prefer_acr_values"),
            uiLocales = request.text("ui_locales"),
            tenantHint = request.text("tenant_hint"),
            resources = request.texts("resources"),
            parameters = request["parameters"]?.jsonArray.orEmpty().map { it.jsonArray.texts().let { (name, value) -> name to value } },
            session = request.text("session"),
            appData = request.text("app_data"),
        )
    }

    private val OUTCOMES =
        arrayOf("error", "url", "cookie", "record", "accepted", "token", "sent", "claims", "notice", "event")

    private val LOGIN_MEMBERS =
        arrayOf(
            "scopes", "redirect_uri", "response_mode", "prompt", "login_hint", "max_age", "acr_values", "prefer_acr_values",
            "ui_locales", "tenant_hint", "resources", "parameters", "session", "app_data", "expires_after",
        )

    private inline fun <reified E : Enum<E>> named(name: String): E = enumValueOf(name.uppercase())
}
