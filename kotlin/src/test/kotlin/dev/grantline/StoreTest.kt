package dev.grantline

import kotlinx.coroutines.flow.toList
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import org.junit.jupiter.api.io.TempDir
import java.nio.file.Path

/** Sessions in an SQLite file. */
class StoreTest {
    @TempDir
    lateinit var folder: Path

    private fun requests() = Emulator.visma.tokenRequests("isv_native").size

    @Test
    fun `a new client on the same file goes on with the session`() = suspending {
        val first = clientOn(folder).use { nativeApp(client = it).loggedIn("anna's").freshToken() }
        val before = requests()
        clientOn(folder).use { client ->
            val session = nativeApp(client = client).session("anna's")
            assertEquals(first.exposeSecret(), session.freshToken().exposeSecret())
            assertEquals(before, requests())
            val second = session.refresh()
            assertEquals(first.generation + 1, second.generation)
            assertTrue(second.isSaved)
            assertEquals(200, Emulator.visma.callApi(second))
        }
    }

    @Test
    fun `two clients on one file share what either refreshed`() = suspending {
        clientOn(folder).use { one ->
            clientOn(folder).use { other ->
                val session = nativeApp(client = one).loggedInLongAgo("anna's")
                val before = requests()
                val token = nativeApp(client = other).session("anna's").freshToken()
                assertEquals(token.exposeSecret(), session.freshToken().exposeSecret())
                assertEquals(before + 1, requests())
            }
        }
    }

    @Test
    fun `the names of living sessions are listed in order`() = suspending {
        clientOn(folder).use { client ->
            val app = nativeApp(client = client)
            for (name in listOf("carl's", "anna's", "bo's")) app.loggedIn(name)
            app.session("bo's").end()
            assertEquals(listOf("anna's", "carl's"), app.sessions().toList())
        }
    }

    @Test
    fun `a file wants keys or a loud word`() {
        val store = Store.sqlite(folder.resolve("sessions.db"))
        assertEquals("sealing_key_missing", assertThrows<MisuseException> { Client(store = store) }.code)
        Client(store = store, sealingKeys = SealingKeys.dangerousPlaintext()).close()
    }

    @Test
    fun `another key does not open the session and an older one does`() = suspending {
        clientOn(folder).use { nativeApp(client = it).loggedIn("anna's") }
        val other = SealingKeys.createFile(folder.resolve("sealing.key"))
        val store = Store.sqlite(folder.resolve("sessions.db"))
        Client(store, other).use { client ->
            assertRefused("sealing_key_unknown") { nativeApp(client = client).session("anna's").freshToken() }
        }
        val ours = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
        val theirs = "HxwdHhsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="
        Client(store, SealingKeys.fromText(theirs, ours)).use { client ->
            assertEquals(200, Emulator.visma.callApi(nativeApp(client = client).session("anna's").freshToken()))
        }
    }

    @Test
    fun `keys that cannot be had are refused with what to change`() {
        val nowhere = assertThrows<MisuseException> { SealingKeys.fromFile(folder.resolve("no.key")) }
        assertEquals("invalid_client_setting", nowhere.code)
        assertEquals("sealing_key_malformed", assertThrows<MisuseException> { SealingKeys.fromText("short") }.code)
        val unset = assertThrows<MisuseException> { SealingKeys.fromEnvironment("GRANTLINE_NO_SUCH_KEY") }
        assertEquals("invalid_client_setting", unset.code)
        assertFalse("AAEC" in KEYS.toString())
    }

    @Test
    fun `places that cannot be used are refused with what to change`() {
        assertEquals("store_denied", assertThrows<StoreException> { Store.sqlite(folder.resolve("no/such/folder.db")) }.code)
        assertEquals("store_denied", assertThrows<StoreException> { Store.redis("no url") }.code)
        assertEquals("store_denied", assertThrows<StoreException> { Store.postgres("no url") }.code)
    }
}
