package dev.grantline

import java.time.Instant
import dev.grantline.ffi.AccessToken as NativeToken

/**
 * An access token (RFC 6749 section 1.4) of type Bearer (RFC 6750), with what the server said about it.
 *
 * @property scopes the scopes that were granted; those asked for, where the server named none
 * @property expiresAt when it ends; `null` where the server did not say: then it is good until an API refuses it
 * @property generation which rotation of its grant it belongs to; it only grows
 * @property isSaved false if the store did not take the tokens that came with this one. It is as good as any, and saving is
 *   tried again; but should this process end first, the session is lost with it. Of a service nothing is lost but a
 *   request
 */
public class AccessToken private constructor(
    internal val native: NativeToken,
    private val secret: String,
    public val scopes: List<String>,
    public val expiresAt: Instant?,
    public val generation: Long,
    public val isSaved: Boolean,
) {
    /** The token itself, for an `Authorization: Bearer` header. Keep it out of logs and URLs. */
    public fun exposeSecret(): String = secret

    override fun toString(): String = "AccessToken(redacted, generation=$generation, expiresAt=$expiresAt)"

    internal companion object {
        fun of(token: NativeToken): AccessToken =
            AccessToken(
                native = token,
                secret = token.exposeSecret(),
                scopes = token.scopes(),
                expiresAt = token.expiresAtMs()?.let { Instant.ofEpochMilli(it.toLong()) },
                generation = token.generation().toLong(),
                isSaved = token.isSaved(),
            )
    }
}
