package dev.grantline

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CopyOnWriteArrayList

/** An API on loopback that answers as it is told, otherwise with 200, and remembers what came. */
class ApiServer : AutoCloseable {
    class Arrival(val authorization: String?, val body: String)

    private class Answer(val status: Int, val headers: Map<String, String>)

    private val answers = ConcurrentLinkedQueue<Answer>()
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)

    val arrivals = CopyOnWriteArrayList<Arrival>()
    val url = "http://127.0.0.1:${server.address.port}"

    init {
        server.createContext("/", ::answer)
        server.start()
    }

    /** Answers the next request so. */
    fun answer(status: Int, vararg headers: Pair<String, String>) {
        answers += Answer(status, headers.toMap())
    }

    /** Refuses the next request for its token (RFC 6750 section 3.1). */
    fun refuseToken() = answer(401, "WWW-Authenticate" to """Bearer error="invalid_token"""")

    override fun close() = server.stop(0)

    private fun answer(exchange: HttpExchange) {
        val body = exchange.requestBody.readAllBytes().decodeToString()
        arrivals += Arrival(exchange.requestHeaders.getFirst("Authorization"), body)
        val answer = answers.poll() ?: Answer(200, emptyMap())
        answer.headers.forEach { (name, value) -> exchange.responseHeaders.add(name, value) }
        exchange.sendResponseHeaders(answer.status, -1)
        exchange.close()
    }
}
