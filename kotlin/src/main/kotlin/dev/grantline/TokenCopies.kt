package dev.grantline

import java.lang.ref.ReferenceQueue
import java.lang.ref.WeakReference
import java.util.concurrent.ConcurrentHashMap

/**
 * The copies of one client's tokens: one for each grant, so that what one handle learns all handles know. A copy lives as
 * long as somebody has a handle on its grant; beyond that, while it is among those that were asked for last.
 *
 * @param limit how many those are
 */
internal class TokenCopies(limit: Long) {
    private val known = ConcurrentHashMap<Any, Known>()
    private val collected = ReferenceQueue<TokenCopy>()
    private val recent = Recent(limit)

    /** False once the client was closed: the native side then has the last word. */
    @Volatile
    var areValid: Boolean = true
        private set

    /** The copy of the grant [key], made on first use. */
    fun of(key: Any): TokenCopy {
        forgetCollected()
        return knownOrNew(key).also { recent.add(key, it) }
    }

    /** What is kept of the grant [key], if anything, is void. */
    fun voided(key: Any) {
        known[key]?.get()?.voided()
    }

    fun close() {
        areValid = false
        recent.clear()
    }

    private fun knownOrNew(key: Any): TokenCopy {
        while (true) {
            known[key]?.let { entry -> entry.get()?.let { return it } ?: known.remove(key, entry) }
            val copy = TokenCopy(this)
            if (known.putIfAbsent(key, Known(key, copy)) == null) return copy
        }
    }

    private fun forgetCollected() {
        while (true) {
            val gone = collected.poll() as Known? ?: return
            known.remove(gone.key, gone)
        }
    }

    private inner class Known(val key: Any, copy: TokenCopy) : WeakReference<TokenCopy>(copy, collected)

    /** Keeps alive what was asked for last. */
    private inner class Recent(private val limit: Long) {
        private val copies =
            object : LinkedHashMap<Any, TokenCopy>(16, 0.75f, true) {
                override fun removeEldestEntry(eldest: Map.Entry<Any, TokenCopy>) = size > limit
            }

        @Synchronized
        fun add(key: Any, copy: TokenCopy) {
            if (areValid) copies[key] = copy
        }

        @Synchronized
        fun clear() = copies.clear()
    }
}
