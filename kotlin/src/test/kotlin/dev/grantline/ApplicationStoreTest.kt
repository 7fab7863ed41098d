package dev.grantline

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.toList
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Stores of the application, good ones and bad ones. */
class ApplicationStoreTest {
    private fun client(store: Store) = Client(store = store, sealingKeys = KEYS)

    /** A store that fails as it is told to. */
    private class Failing : MapBlobs() {
        @Volatile
        var loading: suspend () -> Unit = {}

        @Volatile
        var saving: suspend () -> Unit = {}

        override suspend fun load(name: String): ByteArray? {
            loading()
            return super.load(name)
        }

        override suspend fun save(name: String, bytes: ByteArray) {
            saving()
            super.save(name, bytes)
        }
    }

    /** A shared store that fails as it is told to. */
    private class FailingShared(val loading: suspend () -> Unit) : MapShared() {
        override suspend fun load(name: String): Snapshot {
            loading()
            return super.load(name)
        }
    }

    @Test
    fun `a blob store keeps a session beyond its client`() = suspending {
        val blobs = MapBlobs()
        val first = client(Store.blobs(blobs)).use { nativeApp(client = it).loggedIn("anna's").freshToken() }
        client(Store.blobs(blobs)).use { client ->
            val session = nativeApp(client = client).session("anna's")
            assertEquals(first.exposeSecret(), session.freshToken().exposeSecret())
            assertEquals(200, Emulator.visma.callApi(session.refresh()))
        }
        assertTrue(blobs.kept.values.none { first.exposeSecret() in it.decodeToString() })
    }

    @Test
    fun `a shared store keeps a session beyond its client`() = suspending {
        val shared = MapShared()
        val first = client(Store.shared(shared)).use { nativeApp(client = it).loggedIn("anna's").freshToken() }
        client(Store.shared(shared)).use { client ->
            val session = nativeApp(client = client).session("anna's")
            assertEquals(first.exposeSecret(), session.freshToken().exposeSecret())
            assertEquals(200, Emulator.visma.callApi(session.refresh()))
        }
    }

    @Test
    fun `two clients may share one store`() = suspending {
        val store = Store.blobs(MapBlobs())
        client(store).use { one ->
            client(store).use { other ->
                val first = nativeApp(client = one).loggedIn("anna's").freshToken()
                assertEquals(first.exposeSecret(), nativeApp(client = other).session("anna's").freshToken().exposeSecret())
            }
        }
    }

    @Test
    fun `a store's own failure keeps its kind`() = suspending {
        for (kind in StoreFailureKind.entries) {
            val fails: suspend () -> Unit = { throw StoreFailureException(kind, "as it was told") }
            val stores = listOf(Store.blobs(Failing().apply { loading = fails }), Store.shared(FailingShared(fails)))
            for (store in stores) {
                client(store).use { client ->
                    val failure = refused<StoreException> { nativeApp(client = client).session("anna's").freshToken() }
                    assertEquals("store_${kind.name.lowercase()}", failure.code)
                    assertTrue("as it was told" in failure.message!!)
                }
            }
        }
    }

    @Test
    fun `a store that breaks has misbehaved and its words stay with it`() = suspending {
        val breaks: suspend () -> Unit = { error("the password is s3cret") }
        for (store in listOf(Store.blobs(Failing().apply { loading = breaks }), Store.shared(FailingShared(breaks)))) {
            client(store).use { client ->
                val failure = refused<StoreException> { nativeApp(client = client).session("anna's").freshToken() }
                assertEquals("store_misbehaved", failure.code)
                assertEquals(Advice.REPORT_BUG, failure.advice)
                assertTrue("IllegalStateException" in failure.message!!)
                assertFalse("s3cret" in failure.stackTraceToString())
            }
        }
    }

    @Test
    fun `a store that runs out of stack has misbehaved and goes on with the next call`() = suspending {
        val blobs = Failing().apply { loading = { throw StackOverflowError() } }
        client(Store.blobs(blobs)).use { client ->
            val session = nativeApp(client = client).session("anna's")
            assertRefused("store_misbehaved") { session.freshToken() }
            blobs.loading = {}
            assertRefused("session_unknown") { session.freshToken() }
        }
    }

    @Test
    fun `a store that hangs holds nobody up for long`() = suspending {
        val hangs: suspend () -> Unit = { awaitCancellation() }
        val stores = listOf(Store.blobs(Failing().apply { loading = hangs }), Store.shared(FailingShared(hangs)))
        stores.map { store -> async { assertHeldUpBriefly(store) } }.awaitAll()
    }

    private suspend fun assertHeldUpBriefly(store: Store) =
        client(store).use { client ->
            assertRefused("store_unavailable") { nativeApp(client = client).session("anna's").freshToken() }
        }

    @Test
    fun `a store that hangs takes no token from whoever has one in memory`() = suspending {
        val blobs = Failing()
        client(Store.blobs(blobs)).use { client ->
            val session = nativeApp(client = client).loggedIn("anna's")
            blobs.loading = { awaitCancellation() }
            assertEquals(200, Emulator.visma.callApi(session.freshToken()))
        }
    }

    @Test
    fun `what a store that hangs does not take is handed out and saved later`() = suspending {
        val blobs = Failing()
        val goesOn = CompletableDeferred<Unit>()
        client(Store.blobs(blobs)).use { client ->
            val session = nativeApp(client = client).loggedIn("anna's")
            var saves = 0
            // The mark of the attempt is taken, and what comes of it is not.
            blobs.saving = { if (++saves > 1) goesOn.await() }
            val second = session.refresh()
            assertFalse(second.isSaved)
            assertEquals(200, Emulator.visma.callApi(second))
            goesOn.complete(Unit)
        }
        client(Store.blobs(blobs)).use { client ->
            assertEquals(2, nativeApp(client = client).session("anna's").freshToken().generation)
        }
    }

    @Test
    fun `a store that answers nonsense is told so and nothing is deleted`() = suspending {
        val blobs = MapBlobs()
        client(Store.blobs(blobs)).use { nativeApp(client = it).loggedIn("anna's") }
        val whole = blobs.kept.toMap()
        for ((name, bytes) in whole) blobs.kept[name] = bytes.copyOf(bytes.size / 2)
        client(Store.blobs(blobs)).use { client ->
            assertRefused("store_damaged") { nativeApp(client = client).session("anna's").freshToken() }
            assertEquals(whole.keys, blobs.kept.keys)
            blobs.kept.putAll(whole)
            assertEquals(200, Emulator.visma.callApi(nativeApp(client = client).session("anna's").freshToken()))
        }
        val early = object : MapShared() {
            override suspend fun load(name: String) = Snapshot(-1, null)
        }
        client(Store.shared(early)).use { client ->
            assertRefused("store_misbehaved") { nativeApp(client = client).session("anna's").freshToken() }
        }
        val unsorted = object : MapShared() {
            override suspend fun list(prefix: String, after: String?, limit: Int) = listOf("${prefix}b", "${prefix}a")
        }
        client(Store.shared(unsorted)).use { client ->
            assertRefused("store_misbehaved") { nativeApp(client = client).sessions().toList() }
        }
    }

    @Test
    fun `a token that was asked for before a store knew of its session's end is not handed out beyond that`() = suspending {
        val blobs = Failing()
        client(Store.blobs(blobs)).use { client ->
            val app = nativeApp(client = client)
            val (session, other) = app.loggedIn("anna's") to app.session("anna's")
            val (saving, goesOn) = CompletableDeferred<Unit>() to CompletableDeferred<Unit>()
            blobs.saving = {
                saving.complete(Unit)
                goesOn.await()
            }
            Emulator.visma.reply("isv_native", delayMs = 60_000, path = "/connect/revocation")
            val ended = async(start = CoroutineStart.UNDISPATCHED) { client.events().first { it is Event.SessionEnded } }
            val ending = async(start = CoroutineStart.UNDISPATCHED) { session.end() }
            saving.await()
            other.freshToken()
            goesOn.complete(Unit)
            ended.await()
            // The server has not answered yet.
            assertRefused("session_ended") { other.freshToken() }
            Emulator.visma.release()
            assertEquals(Revocation.Done, ending.await())
        }
    }

    @Test
    fun `a session whose end the store does not take goes on for all its handles`() = suspending {
        val blobs = Failing()
        client(Store.blobs(blobs)).use { client ->
            val session = nativeApp(client = client).loggedIn("anna's")
            val token = session.freshToken()
            blobs.saving = { throw StoreFailureException(StoreFailureKind.FULL, "no room") }
            assertRefused("store_full") { session.end() }
            assertEquals(token.exposeSecret(), session.freshToken().exposeSecret())
            assertSame(session.freshToken(), session.freshToken())
        }
    }

    @Test
    fun `what a full store does not take is handed out and saved later`() = suspending {
        val blobs = Failing()
        client(Store.blobs(blobs)).use { client ->
            val session = nativeApp(client = client).loggedIn("anna's")
            var saves = 0
            // The mark of the attempt is taken, and what comes of it is not.
            blobs.saving = { if (++saves > 1) throw StoreFailureException(StoreFailureKind.FULL, "no room") }
            val second = session.refresh()
            assertFalse(second.isSaved)
            assertEquals(200, Emulator.visma.callApi(second))
            blobs.saving = {}
        }
        // Closing has tried once more.
        client(Store.blobs(blobs)).use { client ->
            val token = nativeApp(client = client).session("anna's").freshToken()
            assertEquals(2, token.generation)
            assertTrue(token.isSaved)
        }
    }

    @Test
    fun `a login that cannot be saved is no login`() = suspending {
        val blobs = Failing().apply { saving = { throw StoreFailureException(StoreFailureKind.DENIED, "locked") } }
        client(Store.blobs(blobs)).use { client ->
            assertRefused("store_denied") { nativeApp(client = client).loggedIn("anna's") }
        }
    }
}
