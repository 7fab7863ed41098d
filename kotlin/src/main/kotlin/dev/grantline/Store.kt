package dev.grantline

import dev.grantline.ffi.blobStore
import dev.grantline.ffi.sharedStore
import java.nio.file.Path
import dev.grantline.ffi.Store as NativeStore

/**
 * A place for sessions: `Client(store = ...)`. Clients that are given the same object share the place.
 *
 * What leaves the memory of a process is sealed, so every store but [memory] wants [SealingKeys] as well.
 */
public class Store private constructor(internal val native: NativeStore, private val kind: String) {
    override fun toString(): String = "Store($kind)"

    public companion object {
        /** Sessions that live as long as the client, in its memory: for tests, and whoever logs in anew at each start. */
        @JvmStatic
        public fun memory(): Store = Store(native { NativeStore.memory() }, "memory")

        /**
         * Sessions in an SQLite file, which any number of processes of this machine and user share. It is made if it is not
         * there, for its owner alone; its folder has to be there, on a local disk. Opening it blocks the thread, for 5
         * seconds at most where other processes are in the way.
         *
         * @throws StoreException `store_denied` if the file or its folder may not be written, `store_damaged` if something
         *   else is there, `store_too_new`, `store_unavailable`
         */
        @JvmStatic
        public fun sqlite(path: Path): Store = Store(native { NativeStore.sqlite(path.toString()) }, "sqlite")

        /**
         * Sessions in Redis, which many processes and hosts share. It has to run with `maxmemory-policy noeviction`, or
         * grants are thrown away; what survives a power cut is what its `appendfsync` says. It connects when it is first
         * used.
         *
         * @param url `redis://[user:password@]host[:port][/database]`, `rediss://` for TLS, or `redis+unix:///path`
         * @param rootCertificates roots to trust instead of the system's, in PEM
         * @throws StoreException `store_denied` for a URL or certificates that cannot be read
         */
        @JvmStatic
        @JvmOverloads
        public fun redis(url: String, rootCertificates: ByteArray? = null): Store =
            Store(native { NativeStore.redis(url, rootCertificates) }, "redis")

        /**
         * Sessions in a PostgreSQL database, which many processes and hosts share. Its tables `grantline_schema` and
         * `grantline_records` are created when it is first used; a role that may not create them needs `SELECT` on both and
         * `INSERT`, `UPDATE` and `DELETE` on the second. It works behind a pooler in transaction mode.
         *
         * @param url `postgres://user:password@host:port/database`. TLS is required and its certificates verified, but on
         *   loopback or a Unix socket; `sslmode=disable` is a server elsewhere that has none
         * @param rootCertificates roots to trust instead of the system's, in PEM
         * @throws StoreException `store_denied` for a URL or certificates that cannot be read
         */
        @JvmStatic
        @JvmOverloads
        public fun postgres(url: String, rootCertificates: ByteArray? = null): Store =
            Store(native { NativeStore.postgres(url, rootCertificates) }, "postgres")

        /**
         * Sessions in a place of the application that one process uses at a time. There must be one `Store` for it: leases
         * are in its memory.
         */
        @JvmStatic
        public fun blobs(store: BlobStore): Store {
            val (place, work) = native { blobStore() }
            StoreLoop.run(work, { next() }) { it.answerFrom(store) }
            return Store(place, "blobs")
        }

        /** Sessions in a place of the application that many processes share. */
        @JvmStatic
        public fun shared(store: SharedStore): Store {
            val (place, work) = native { sharedStore() }
            StoreLoop.run(work, { next() }) { it.answerFrom(store) }
            return Store(place, "shared")
        }
    }
}
