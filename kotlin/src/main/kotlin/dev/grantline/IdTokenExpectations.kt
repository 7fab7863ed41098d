package dev.grantline

import java.time.Duration
import dev.grantline.ffi.IdTokenExpectations as NativeExpectations

/** What a login expects of its ID token, for [Registration.checkIdToken]. */
public class IdTokenExpectations private constructor(
    nonce: String?,
    maxAge: Duration?,
    acrValues: String?,
    accessToken: String?,
) {
    internal val native =
        native { NativeExpectations(nonce, maxAge?.seconds?.coerceAtLeast(0)?.toULong(), acrValues, accessToken) }

    override fun toString(): String = "IdTokenExpectations(redacted)"

    public companion object {
        /**
         * @param nonce what the authorization request sent
         * @param maxAge how long ago, in whole seconds, the user may have logged in at most, as it was sent
         * @param acrValues the authentication contexts of which one has to be reached, separated by spaces
         * @param accessToken the access token that came with it, for its hash (`at_hash`)
         */
        @JvmStatic
        @JvmOverloads
        public fun nonce(
            nonce: String,
            maxAge: Duration? = null,
            acrValues: String? = null,
            accessToken: String? = null,
        ): IdTokenExpectations = IdTokenExpectations(nonce, maxAge, acrValues, accessToken)

        /**
         * The authorization request sent no nonce, so that nothing ties the ID token to it. One that has a nonce is refused.
         * The parameters are those of [nonce].
         */
        @JvmStatic
        @JvmOverloads
        public fun expectNoNonce(
            maxAge: Duration? = null,
            acrValues: String? = null,
            accessToken: String? = null,
        ): IdTokenExpectations = IdTokenExpectations(null, maxAge, acrValues, accessToken)
    }
}
