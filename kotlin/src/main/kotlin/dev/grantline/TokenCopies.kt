package dev.grantline

import java.lang.ref.ReferenceQueue
import java.lang.ref.SoftReference
import java.util.concurrent.ConcurrentHashMap

/**
 * The copies of one client's tokens: one for each grant, so that what one handle learns all handles know. A copy lives as
 * long as somebody has a handle on its grant; beyond that, until the JVM's memory gets short.
 */
internal class TokenCopies {
    private val known = ConcurrentHashMap<Any, Known>()
    private val collected = ReferenceQueue<TokenCopy>()

    /** False once the client was closed: the native side then has the last word. */
    @Volatile
    var areValid: Boolean = true
        private set

    /** The copy of the grant [key], made on first use. */
    fun of(key: Any): TokenCopy {
        forgetCollected()
        while (true) {
            known[key]?.let { entry -> entry.get()?.let { return it } ?: known.remove(key, entry) }
            val copy = TokenCopy(this)
            if (known.putIfAbsent(key, Known(key, copy)) == null) return copy
        }
    }

    /** What is kept of the grant [key], if anything, is void. */
    fun voided(key: Any) {
        known[key]?.get()?.voided()
    }

    fun close() {
        areValid = false
    }

    private fun forgetCollected() {
        while (true) {
            val gone = collected.poll() as Known? ?: return
            known.remove(gone.key, gone)
        }
    }

    private inner class Known(val key: Any, copy: TokenCopy) : SoftReference<TokenCopy>(copy, collected)
}
