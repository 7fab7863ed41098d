package dev.grantline

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import dev.grantline.examples.ScriptedBrowser
import dev.grantline.ffi.HttpWork
import dev.grantline.ffi.InternalException
import dev.grantline.ffi.NoHandle
import dev.grantline.ffi.Client as NativeClient
import java.time.Duration

/** HTTP performed by the application. */
class HttpLoopTest {
    private val tenant = TenantChoice.tenant(FJORD_BAKERY)

    @Test
    fun `a service token comes by the JVM's own client`() = suspending {
        Client(performer = JavaHttpPerformer()).use { client ->
            val token = serviceApp(client = client).token(tenant, READ)
            assertEquals(200, Emulator.visma.callApi(token))
        }
    }

    @Test
    fun `a performer is handed the whole request once`() = suspending {
        val seen = mutableListOf<HttpRequest>()
        val java = JavaHttpPerformer()
        val watching = HttpPerformer { request -> java.perform(request.also(seen::add)) }
        Client(performer = watching).use { serviceApp(client = it).token(tenant, READ) }
        val request = seen.single()
        assertEquals("POST", request.method)
        assertEquals("${Emulator.visma.url}/connect/token", request.url)
        assertTrue("grant_type=client_credentials" in request.body!!.decodeToString())
        assertTrue(request.timeout.toMillis() in 1..10_000)
    }

    @Test
    fun `a performer's failure is told as it is`() = suspending {
        val broken = HttpPerformer { throw HttpFailureException(HttpFailureKind.TLS, Sent.CERTAINLY_NOT, "the certificate has expired") }
        Client(performer = broken).use { client ->
            val failure = refused<TransportException> { serviceApp(client = client).token(tenant, READ) }
            assertEquals("tls_failed", failure.code)
            assertTrue("the certificate has expired" in failure.message!!)
        }
    }

    @Test
    fun `a performer that breaks is a failure of transport and its words stay with it`() = suspending {
        val broken = HttpPerformer { request -> error("sent ${request.body?.decodeToString()}") }
        Client(performer = broken).use { client ->
            val failure = refused<TransportException> { serviceApp(client = client).token(tenant, READ) }
            assertEquals("not_performed", failure.code)
            assertFalse("service-secret" in failure.stackTraceToString())
        }
    }

    @Test
    fun `a performer that runs out of stack is a failure of transport and goes on with the next call`() = suspending {
        val java = JavaHttpPerformer()
        var works = false
        val broken = HttpPerformer { if (works) java.perform(it) else throw StackOverflowError() }
        Client(performer = broken).use { client ->
            val source = serviceApp(client = client).tokenSource(tenant, READ)
            val failure = refused<TransportException> { source.freshToken() }
            assertEquals("not_performed", failure.code)
            works = true
            assertEquals(200, Emulator.visma.callApi(source.refresh()))
        }
    }

    @Test
    fun `a status that is none is a failure of transport`() = suspending {
        // In sixteen bits it is 200.
        val broken = HttpPerformer { HttpResponse(65_736, emptyList(), ByteArray(0)) }
        Client(performer = broken).use { client ->
            assertRefused("not_performed") { serviceApp(client = client).token(tenant, READ) }
        }
    }

    @Test
    @Timeout(60)
    fun `requests are refused once the native side hands out no more work`() = suspending {
        val ended = CompletableDeferred<Unit>()
        val panicking =
            object : NativeClient(NoHandle) {
                override suspend fun nextHttpWork(): HttpWork = throw InternalException("a panic")

                override fun shutDownHttp() {
                    ended.complete(Unit)
                }
            }
        HttpLoop(panicking, JavaHttpPerformer()).use { ended.await() }
    }

    @Test
    fun `a login that is given up cancels its request`() = suspending {
        val (sent, given) = CompletableDeferred<Unit>() to CompletableDeferred<Unit>()
        val java = JavaHttpPerformer()
        val patient =
            HttpPerformer { request ->
                // The provider's documents are for others as well, and are fetched to the end.
                if (request.method == "GET") return@HttpPerformer java.perform(request)
                sent.complete(Unit)
                try {
                    awaitCancellation()
                } finally {
                    given.complete(Unit)
                }
            }
        Client(performer = patient).use { client ->
            val registration = Registration(Emulator.visma.provider(), "isv_native", redirectUris = listOf(LOOPBACK))
            val app = NativeApp(registration, client)
            val begun = app.beginLogin(LoginRequest(LASTING))
            val callback = Callback.url(ScriptedBrowser().open(begun.url, LOOPBACK).url)
            val login = async(start = CoroutineStart.UNDISPATCHED) { app.completeLogin(begun.pending, callback) }
            sent.await()
            login.cancelAndJoin()
            given.await()
        }
    }

    @Test
    fun `closing the client waits for its performer`() = suspending {
        val (sent, answer) = CompletableDeferred<Unit>() to CompletableDeferred<Unit>()
        val java = JavaHttpPerformer()
        val slow =
            HttpPerformer { request ->
                sent.complete(Unit)
                answer.await()
                java.perform(request)
            }
        val client = Client(performer = slow)
        val waiting = async(start = CoroutineStart.UNDISPATCHED) { serviceApp(client = client).token(tenant, READ) }
        sent.await()
        val closing = async(start = CoroutineStart.UNDISPATCHED) { client.shutDown() }
        answer.complete(Unit)
        closing.await()
        assertEquals(200, Emulator.visma.callApi(waiting.await()))
    }

    @Test
    fun `a performer that is not done in time is given up`() = suspending {
        val (sent, given) = CompletableDeferred<Unit>() to CompletableDeferred<Unit>()
        val patient =
            HttpPerformer {
                sent.complete(Unit)
                try {
                    awaitCancellation()
                } finally {
                    given.complete(Unit)
                }
            }
        val client = Client(performer = patient)
        val waiting = async(start = CoroutineStart.UNDISPATCHED) { assertRefused("cancelled") { serviceApp(client = client).token(tenant, READ) } }
        sent.await()
        refused<CancelledException> { client.shutDown(Duration.ZERO) }
        waiting.await()
        given.await()
    }
}
