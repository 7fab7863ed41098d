package dev.grantline

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.security.KeyStore
import java.security.cert.CertificateFactory
import javax.net.ssl.SSLContext
import javax.net.ssl.TrustManagerFactory

/** The server that misbehaves as a case asks; tests/performer says how it is spoken to. */
object FaultServer {
    private val url = environment("GRANTLINE_FAULT_SERVER_URL")
    private val http = HttpClient.newHttpClient()

    /** `host:port` by name. */
    val origins: Map<String, String> by lazy {
        Json.parseToJsonElement(ask("GET", "/origins")).jsonObject.mapValues { it.value.jsonPrimitive.content }
    }

    fun reset() {
        ask("POST", "/reset")
    }

    fun count(case: String): Long = ask("GET", "/count/$case").toLong()

    /** Waits until the request has arrived. */
    fun awaitArrival(case: String): Long = ask("GET", "/arrived/$case").toLong()

    /** Waits until the connection is closed, and says how many bytes were written on it. */
    fun awaitWritten(case: String): Long = ask("GET", "/written/$case").toLong()

    /** Trusts the server's root certificate only. */
    fun trusting(): SSLContext {
        val root = CertificateFactory.getInstance("X.509").generateCertificate(ask("GET", "/root.pem").byteInputStream())
        val store = KeyStore.getInstance(KeyStore.getDefaultType())
        store.load(null)
        store.setCertificateEntry("root", root)
        val trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm())
        trust.init(store)
        return SSLContext.getInstance("TLS").apply { init(null, trust.trustManagers, null) }
    }

    private fun ask(method: String, path: String): String {
        val request = HttpRequest.newBuilder(URI.create(url + path)).method(method, HttpRequest.BodyPublishers.noBody())
        val response = http.send(request.build(), BodyHandlers.ofString())
        check(response.statusCode() == 200) { "$method $path: ${response.statusCode()}" }
        return response.body()
    }
}
