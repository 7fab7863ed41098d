package dev.grantline

import java.time.Duration
import java.util.concurrent.atomic.AtomicLong
import dev.grantline.ffi.Client as NativeClient

/**
 * What all applications of a process share: connections, tokens in memory, and what runs in the background. One is
 * enough; applications that are given none share [default].
 *
 * @param connectTimeout how long making a connection may take; 5 seconds unless set
 * @param httpTimeout how long one request may take in all, 2 to 10 seconds; 10 unless set
 * @param proxy sends every request but those to loopback through this proxy: `http://[user:password@]host:port`. Without
 *   it the system's settings (`HTTPS_PROXY`, `NO_PROXY` and the like) are followed
 * @param noProxy uses no proxy, whatever the system's settings say
 * @param rootCertificates trusts these root certificates, in PEM, besides the system's
 * @param performer sends the requests instead of grantline; all settings but `httpTimeout` are then its own
 *   business
 * @throws MisuseException `invalid_client_setting`
 */
public class Client
    @JvmOverloads
    constructor(
        connectTimeout: Duration? = null,
        httpTimeout: Duration? = null,
        proxy: String? = null,
        noProxy: Boolean = false,
        rootCertificates: ByteArray? = null,
        performer: HttpPerformer? = null,
    ) : AutoCloseable {
        internal val native: NativeClient =
            native {
                NativeClient(
                    connectTimeoutMs = connectTimeout?.wholeMillis(),
                    httpTimeoutMs = httpTimeout?.wholeMillis(),
                    proxy = proxy,
                    noProxy = noProxy,
                    rootCertificates = rootCertificates,
                    httpOutside = performer != null,
                )
            }

        /** Counts refreshes and logins; see [TokenCopy]. */
        internal val epoch: AtomicLong = AtomicLong()

        private val loop = performer?.let { HttpLoop(native, it) }

        /**
         * Ends the loop around the [HttpPerformer]: requests on their way are given up, later ones fail. A client without
         * a performer has nothing to close.
         */
        override fun close() {
            loop?.close()
        }

        override fun toString(): String = "Client"

        public companion object {
            /** The one that applications share unless they are given another. Made on first use. */
            @JvmStatic
            public val default: Client by lazy { Client() }
        }
    }

private fun Duration.wholeMillis() = toMillis().coerceAtLeast(0).toULong()
