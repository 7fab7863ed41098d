package dev.grantline

import java.util.concurrent.atomic.AtomicLong
import dev.grantline.ffi.AccessToken as NativeToken

/** Both clocks. `nanos` does not count while the machine sleeps, `wallMs` may be set: a copy needs the word of both. */
internal data class Moment(val wallMs: Long, val nanos: Long) {
    companion object {
        fun now() = Moment(System.currentTimeMillis(), System.nanoTime())
    }
}

/** A token, and until when it may be handed out without asking the native side. */
internal class Copy(
    val token: AccessToken,
    private val epoch: Long,
    private val taken: Moment,
    private val freshForMs: Long,
) {
    fun isFresh(epoch: Long, now: Moment): Boolean =
        epoch == this.epoch &&
            now.wallMs - taken.wallMs in 0..<freshForMs &&
            (now.nanos - taken.nanos) / NANOS_IN_MILLI in 0..<freshForMs

    private companion object {
        const val NANOS_IN_MILLI = 1_000_000
    }
}

/**
 * What a handle keeps of its token, so that a fresh one costs no native call. A token that nears its end is asked for
 * again each time: the native side then fetches the next one in the background.
 *
 * @param epoch raised by every refresh and login of the client: another handle's refresh makes this copy void
 */
internal class TokenCopy(
    private val epoch: AtomicLong,
    private val ask: suspend () -> NativeToken,
    private val renew: suspend () -> NativeToken,
) {
    @Volatile
    private var copy: Copy? = null

    suspend fun fresh(): AccessToken {
        // Read first: what happens meanwhile then counts against the copy.
        val known = epoch.get()
        val kept = copy
        if (kept != null && kept.isFresh(known, Moment.now())) return kept.token
        return native { ask() }.use { keep(it, known) }
    }

    suspend fun refresh(): AccessToken {
        val known = epoch.get()
        try {
            // The copy becomes good by the raising below, unless somebody else's comes between.
            return native { renew() }.use { keep(it, known + 1) }
        } finally {
            epoch.incrementAndGet()
        }
    }

    private fun keep(native: NativeToken, epoch: Long): AccessToken {
        val now = Moment.now()
        val freshForMs = native.freshForMs()?.toLong() ?: Long.MAX_VALUE
        return AccessToken.of(native).also { copy = Copy(it, epoch, now, freshForMs) }
    }
}
