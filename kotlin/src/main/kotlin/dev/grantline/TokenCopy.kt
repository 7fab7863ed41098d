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
        val kept = copy
        return if (kept != null && kept.isFresh(epoch.get(), Moment.now())) kept.token else take(ask)
    }

    suspend fun refresh(): AccessToken {
        epoch.incrementAndGet()
        try {
            return take(renew)
        } finally {
            epoch.incrementAndGet()
        }
    }

    private suspend fun take(from: suspend () -> NativeToken): AccessToken {
        // Read first: what happens meanwhile then counts against the copy.
        val known = epoch.get()
        return native { from() }.use { native ->
            val now = Moment.now()
            val freshForMs = native.freshForMs()?.toLong() ?: Long.MAX_VALUE
            val token = AccessToken.of(native)
            copy = Copy(token, known, now, freshForMs)
            token
        }
    }
}
