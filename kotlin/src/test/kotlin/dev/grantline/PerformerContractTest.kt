package dev.grantline

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.long
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.DynamicTest.dynamicTest
import org.junit.jupiter.api.TestFactory
import java.nio.file.Path
import java.time.Duration
import kotlin.io.path.readText

/** Puts the JVM's own client through the contract that every performer of grantline keeps. */
class PerformerContractTest {
    private val contract = Json.parseToJsonElement(Path.of(environment("GRANTLINE_VECTORS"), "performer.json").readText()).jsonObject

    @TestFactory
    fun `java net http keeps the contract`(): List<DynamicTest> {
        val cases = contract.objects("cases")
        check(cases.isNotEmpty()) { "a file without cases" }
        return cases.map { case -> dynamicTest(case.text("name")!!) { suspending { judge(case) } } }
    }

    private suspend fun judge(case: JsonObject) {
        FaultServer.reset()
        val performer = performer(case)
        val request = request(case)
        if (case.text("cancel") == null) {
            repeat((case.number("performs") ?: 1).toInt() - 1) { assertEquals("200", outcome(performer, request).summary) }
            val outcome = outcome(performer, request)
            assertTrue(case.objects("expect").any { outcome.fits(it) }, outcome.summary)
        } else {
            cancelOnArrival(case, performer, request)
        }
        assertArrived(case)
    }

    private fun performer(case: JsonObject) =
        JavaHttpPerformer { if (case["trust_root"] != null) it.sslContext(FaultServer.trusting()) }

    private fun request(case: JsonObject): HttpRequest {
        val sent = contract.child("request")!!
        val isPost = case.text("method") != "GET"
        val url = FaultServer.origins.entries.fold(case.text("url")!!) { url, (name, origin) -> url.replace("{$name}", origin) }
        val headers = sent.child("headers")!!.map { (name, value) -> name to value.jsonPrimitive.content }
        return HttpRequest(
            method = if (isPost) "POST" else "GET",
            url = url,
            headers = if (isPost) headers else emptyList(),
            body = if (isPost) sent.text("body")!!.toByteArray() else null,
            timeout = Duration.ofMillis(case.number("timeout_ms")!!),
        )
    }

    private suspend fun outcome(performer: HttpPerformer, request: HttpRequest): Outcome =
        withTimeout(request.timeout.toMillis() + GRACE_MS) {
            try {
                Outcome(performer.perform(request), null)
            } catch (failure: HttpFailureException) {
                Outcome(null, failure)
            }
        }

    private suspend fun cancelOnArrival(case: JsonObject, performer: HttpPerformer, request: HttpRequest) =
        withContext(Dispatchers.IO) {
            val caller = async(start = CoroutineStart.UNDISPATCHED) { performer.perform(request) }
            FaultServer.awaitArrival(pathOf(case))
            caller.cancelAndJoin()
            // The server answers this when the connection is closed.
            FaultServer.awaitWritten(pathOf(case))
        }

    private fun assertArrived(case: JsonObject) {
        case.number("written_at_most")?.let { assertTrue(FaultServer.awaitWritten(pathOf(case)) <= it) }
        case.text("untouched")?.let { assertEquals(0, FaultServer.count(it)) }
        val right = case["arrivals"]?.jsonArray?.map { it.jsonPrimitive.long } ?: return
        val count = FaultServer.count(pathOf(case))
        assertTrue(count in right, "$count requests arrived")
    }

    private fun pathOf(case: JsonObject) = case.text("url")!!.substringAfterLast('/')

    private class Outcome(private val response: HttpResponse?, private val failure: HttpFailureException?) {
        val summary: String
            get() = response?.status?.toString() ?: "${failure?.kind}, ${failure?.sent}: ${failure?.message}"

        fun fits(expected: JsonObject): Boolean {
            if (response == null) {
                val told = failure?.kind?.name?.lowercase() to failure?.sent?.name?.lowercase()
                return told == (expected.text("failure") to expected.text("sent"))
            }
            return expected.number("status") == response.status.toLong() && headersFit(expected) && bodyFits(expected)
        }

        private fun headersFit(expected: JsonObject) =
            expected.child("headers").orEmpty().all { (name, value) ->
                response!!.headers.any { it.first.equals(name, ignoreCase = true) && it.second == value.jsonPrimitive.content }
            }

        private fun bodyFits(expected: JsonObject): Boolean {
            val body = response!!.body
            val members = expected.child("json")
            return listOfNotNull(
                expected.text("body")?.let { it == body.decodeToString() },
                expected.number("body_bytes")?.let { it == body.size.toLong() },
                expected.number("body_bytes_at_most")?.let { body.size <= it },
                members?.let { Json.parseToJsonElement(body.decodeToString()).jsonObject.entries.containsAll(it.entries) },
            ).all { it }
        }
    }

    private companion object {
        /** How much later than its time limit a request may end on a busy machine. */
        const val GRACE_MS = 3000L
    }
}
