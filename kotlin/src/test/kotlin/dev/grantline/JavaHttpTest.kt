package dev.grantline

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeMark
import kotlin.time.TimeSource

class JavaHttpTest {
    /** Says how much time has passed when the limit is over. */
    private class Clock(private val elapsed: () -> Duration) : TimeSource {
        override fun markNow() =
            object : TimeMark {
                override fun elapsedNow() = elapsed()
            }
    }

    @Test
    fun `a process that was stopped beyond the limit hears an answer that is there`() = suspending {
        val answer = CompletableDeferred<String>()
        val stopped =
            Clock {
                answer.complete("tokens")
                30.seconds
            }
        assertEquals("tokens", within(1.milliseconds, stopped) { answer.await() })
    }

    @Test
    fun `a process that was stopped does not wait for an answer that is not there`() = suspending {
        assertNull(within<String>(1.milliseconds, Clock { 30.seconds }) { awaitCancellation() })
    }

    @Test
    fun `who was awake gives up at the limit`() = suspending {
        val answer = CompletableDeferred<String>()
        val awake =
            Clock {
                answer.complete("too late")
                2.milliseconds
            }
        assertNull(within(1.milliseconds, awake) { answer.await() })
    }
}
