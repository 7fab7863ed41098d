package dev.grantline

import java.util.concurrent.atomic.AtomicInteger
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
 * What all handles on a grant keep of its token, so that a fresh one costs no native call. A token that nears its end, or
 * that is not saved yet, is asked for again each time: the native side then fetches the next one in the background.
 *
 * @param copies those of the same client
 */
internal class TokenCopy(private val copies: TokenCopies) {
    private val raised = AtomicLong()
    private val endings = AtomicInteger()

    @Volatile
    private var copy: Copy? = null

    /** Raised by whatever makes the copy void. */
    val epoch: Long get() = raised.get()

    /** The token, if [epoch] is still that one, the token is good, and nobody is ending its grant. */
    fun fresh(epoch: Long): AccessToken? =
        copy?.takeIf { copies.areValid && endings.get() == 0 && it.isFresh(epoch, Moment.now()) }?.token

    /** Keeps the token for as long as the epoch is that one. */
    fun keep(token: AccessToken, epoch: Long) {
        val freshForMs = native { token.native.freshForMs() }?.toLong() ?: Long.MAX_VALUE
        if (token.isSaved) copy = Copy(token, epoch, Moment.now(), freshForMs)
    }

    /** What was asked for before this is not handed out again. */
    fun voided() {
        raised.incrementAndGet()
    }

    /**
     * Nothing that is kept is handed out while [end] goes on, nor afterwards what was asked for before it was over: an end
     * counts long before the server has answered, and the native side knows from when on.
     */
    suspend fun <T> whileEnding(end: suspend () -> T): T {
        endings.incrementAndGet()
        try {
            return end()
        } finally {
            voided()
            endings.decrementAndGet()
        }
    }
}
