package dev.grantline

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import java.time.Duration
import dev.grantline.ffi.Client as NativeClient

/**
 * What all applications of a process share: the store of their sessions, connections, tokens in memory, and what runs in
 * the background. One is enough; applications that are given none share [default], which keeps sessions in memory.
 *
 * Close it before the process ends.
 *
 * @param store where sessions are kept; in memory unless set
 * @param sealingKeys what seals them there; any store but memory needs them, or [SealingKeys.dangerousPlaintext]
 * @param shareServiceTokens keeps service tokens in the store as well, so that processes share them
 * @param connectTimeout how long making a connection may take; 5 seconds unless set
 * @param httpTimeout how long one request may take in all, 2 to 10 seconds; 10 unless set
 * @param proxy sends every request but those to loopback through this proxy: `http://[user:password@]host:port`. Without
 *   it the system's settings (`HTTPS_PROXY`, `NO_PROXY` and the like) are followed
 * @param noProxy uses no proxy, whatever the system's settings say
 * @param rootCertificates trusts these root certificates, in PEM, besides the system's
 * @param performer sends the requests instead of grantline; all settings of connections but `httpTimeout` are then its own
 *   business. Such a client stays in memory until it is closed
 * @param concurrency how many tokens are fetched at once; 64 unless set
 * @param tokensInMemory how many tokens that nobody holds a handle on stay in memory; 100,000 unless set. Those that were
 *   not asked for the longest leave first; what is in the store stays there
 * @throws MisuseException `invalid_client_setting`, `sealing_key_missing`
 */
public class Client
    @JvmOverloads
    constructor(
        store: Store? = null,
        sealingKeys: SealingKeys? = null,
        shareServiceTokens: Boolean = false,
        connectTimeout: Duration? = null,
        httpTimeout: Duration? = null,
        proxy: String? = null,
        noProxy: Boolean = false,
        rootCertificates: ByteArray? = null,
        performer: HttpPerformer? = null,
        concurrency: Int? = null,
        tokensInMemory: Long? = null,
    ) : AutoCloseable {
        private val idleTokens = (tokensInMemory ?: TOKENS_IN_MEMORY).coerceAtLeast(0)

        internal val native: NativeClient =
            native {
                NativeClient(
                    connectTimeoutMs = connectTimeout?.wholeMillis(),
                    httpTimeoutMs = httpTimeout?.wholeMillis(),
                    proxy = proxy,
                    noProxy = noProxy,
                    rootCertificates = rootCertificates,
                    httpOutside = performer != null,
                    store = store?.native,
                    sealingKeys = sealingKeys?.native,
                    shareServiceTokens = shareServiceTokens,
                    concurrency = concurrency?.coerceAtLeast(0)?.toUInt(),
                    tokensInMemory = idleTokens.toULong(),
                )
            }

        internal val copies: TokenCopies = TokenCopies(idleTokens)

        /** For what goes on when its caller goes away. */
        internal val scope: CoroutineScope = CoroutineScope(SupervisorJob() + ownThreads)

        private val loop = performer?.let { HttpLoop(native, it) }

        /**
         * What happens from now on to the tokens and sessions of this client, whoever asks for them. It ends with the client.
         *
         * A collector that is slow holds up nobody: what it did not take in time is told as one [Event.Missed]. Several
         * collectors each get every event, from the moment on that they begin to collect.
         */
        public fun events(): Flow<Event> =
            flow {
                native { native.events() }.use { events ->
                    while (true) emit(Event.of(events.next(null) ?: break))
                }
            }

        /**
         * Ends the client: new calls are refused with `client_closed` from now on, what has been sent is waited for until it
         * is answered and saved, and what is not over after 10 seconds is given up; whoever waits for that sees a
         * [CancelledException]. Everything that shares this client is closed with it; it may be closed again.
         *
         * It blocks the thread; [shutDown] does not.
         *
         * @throws CancelledException if something was given up
         */
        override fun close() {
            val ending = ending(null)
            runBlocking { ending.await() }
        }

        /**
         * As [close], for coroutines. It waits although the coroutine is cancelled.
         *
         * @param limit after how long what is not over is given up; 10 seconds unless set
         */
        @JvmOverloads
        public suspend fun shutDown(limit: Duration? = null) {
            val ending = ending(limit)
            withContext(NonCancellable) { ending.await() }
        }

        /** Begins at once, and goes on although nobody waits. */
        private fun ending(limit: Duration?): Deferred<Unit> {
            copies.close()
            return scope.async(start = CoroutineStart.UNDISPATCHED) {
                try {
                    native { native.shutDown(limit?.wholeMillis()) }
                } finally {
                    loop?.close()
                }
            }
        }

        override fun toString(): String = "Client"

        public companion object {
            /** The one that applications share unless they are given another. Made on first use. */
            @JvmStatic
            public val default: Client by lazy { Client() }

            private const val TOKENS_IN_MEMORY = 100_000L
        }
    }

internal fun Duration.wholeMillis(): ULong = toMillis().coerceAtLeast(0).toULong()
