package dev.grantline

import java.nio.file.Path
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicLong

val KEYS: SealingKeys = SealingKeys.fromText("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")

/** A client on an SQLite file in that folder: each is what a process would have. */
fun clientOn(folder: Path) = Client(store = Store.sqlite(folder.resolve("sessions.db")), sealingKeys = KEYS)

/** A blob store in memory. */
open class MapBlobs : BlobStore {
    val kept = ConcurrentHashMap<String, ByteArray>()

    override suspend fun load(name: String): ByteArray? = kept[name]

    override suspend fun save(name: String, bytes: ByteArray) {
        kept[name] = bytes
    }

    override suspend fun delete(name: String) {
        kept.remove(name)
    }

    override suspend fun list(prefix: String): List<String> = kept.keys.filter { it.startsWith(prefix) }
}

/** A shared store in memory. */
open class MapShared : SharedStore {
    private val kept = ConcurrentHashMap<String, Versioned>()
    private val versions = AtomicLong()

    override suspend fun load(name: String) = Snapshot(System.currentTimeMillis(), kept[name])

    override suspend fun replace(name: String, expected: String?, bytes: ByteArray): Boolean {
        val new = Versioned(versions.incrementAndGet().toString(), bytes)
        return kept.compute(name) { _, old -> if (old?.version == expected) new else old } === new
    }

    override suspend fun delete(name: String, expected: String): Boolean {
        var did = false
        kept.computeIfPresent(name) { _, old -> old.takeIf { it.version != expected }.also { did = it == null } }
        return did
    }

    override suspend fun list(prefix: String, after: String?, limit: Int): List<String> =
        kept.keys.filter { it.startsWith(prefix) && (after == null || it > after) }.sorted().take(limit)
}
