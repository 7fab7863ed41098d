package dev.grantline

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonObjectBuilder
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.put
import kotlinx.serialization.json.putJsonObject
import java.net.URI
import java.net.URLEncoder
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers

/** The emulator, by its HTTP. */
class Emulator(private val mode: String, val url: String) {
    private val http = HttpClient.newHttpClient()

    /** As Visma Connect's profile has it, or by metadata alone. */
    fun provider(): Provider =
        when (mode) {
            "visma" -> Provider.vismaConnectAt(url)
            else -> Provider.fromMetadata(url, get("/.well-known/openid-configuration")).withTenantParameter("tenant_id")
        }

    /** Answers the client's next request to [path] so; without a status it is the real answer, held back by [delayMs]. */
    fun reply(
        clientId: String,
        status: Int? = null,
        body: String? = null,
        headers: Map<String, String> = emptyMap(),
        delayMs: Long? = null,
        path: String = "/connect/token",
    ) = post("/admin/replies") {
        put("path", path)
        put("client_id", clientId)
        status?.let { put("status", it) }
        body?.let { put("body", it) }
        delayMs?.let { put("delay_ms", it) }
        if (headers.isNotEmpty()) putJsonObject("headers") { headers.forEach { (name, value) -> put(name, value) } }
    }

    /** Forgets what [reply] set, and sends the answers that are held back. */
    fun release() {
        send(HttpRequest.newBuilder(URI.create("$url/admin/replies")).DELETE())
    }

    /** The token requests of a client so far, oldest first. */
    fun tokenRequests(clientId: String): List<JsonObject> = journal("client_id=${encoded(clientId)}&path=/connect/token")

    /** As [tokenRequests], once there are so many; a held answer has not been given then. */
    fun awaitTokenRequests(clientId: String, count: Int): List<JsonObject> =
        journal("client_id=${encoded(clientId)}&path=/connect/token&wait_for=$count&timeout_ms=10000")

    /** From now on the client's access tokens live so long; 0: they have expired on arrival. */
    fun lifetime(clientId: String, seconds: Long) {
        post("/admin/lifetimes") {
            put("client_id", clientId)
            put("access_token_s", seconds)
        }
    }

    /** What goes wrong next with things of that sort. */
    fun fault(sort: String, fault: String) {
        post("/admin/faults") {
            putJsonObject("fault") { put(sort, fault) }
            put("times", 1)
        }
    }

    /** Ends a user's sessions; answers when the applications have been told. */
    fun endSessions(username: String) = post("/admin/logouts") { put("username", username) }

    /** A tenant approves an application; answers when that has been told. */
    fun approve(clientId: String, tenantId: String) {
        post("/admin/approvals") {
            put("client_id", clientId)
            put("tenant_id", tenantId)
        }
    }

    /** The status of a call of the protected API. */
    fun callApi(token: AccessToken): Int {
        val request = HttpRequest.newBuilder(URI.create("$url/api/invoices"))
        return send(request.header("authorization", "Bearer ${token.exposeSecret()}")).statusCode()
    }

    fun get(path: String): String = send(HttpRequest.newBuilder(URI.create(url + path))).body()

    override fun toString(): String = mode

    private fun journal(query: String) =
        Json.parseToJsonElement(get("/admin/requests?$query")).jsonObject.getValue("requests").jsonArray.map { it.jsonObject }

    private fun post(path: String, content: JsonObjectBuilder.() -> Unit) {
        val body = BodyPublishers.ofString(buildJsonObject(content).toString())
        val request = HttpRequest.newBuilder(URI.create(url + path)).header("content-type", "application/json")
        val response = send(request.POST(body))
        check(response.statusCode() in 200..204) { response.body() }
    }

    private fun send(request: HttpRequest.Builder) = http.send(request.build(), BodyHandlers.ofString())

    companion object {
        val visma: Emulator by lazy { Emulator("visma", environment("GRANTLINE_EMULATOR_URL")) }
        val standard: Emulator by lazy { Emulator("standard", environment("GRANTLINE_EMULATOR_STANDARD_URL")) }

        fun both(): List<Emulator> = listOf(visma, standard)

        fun encoded(text: String): String = URLEncoder.encode(text, Charsets.UTF_8)
    }
}

/** What `cargo xtask test kotlin` tells the suite. */
fun environment(variable: String): String =
    checkNotNull(System.getenv(variable)) { "$variable is not set: run the suite by `cargo xtask test kotlin`" }
