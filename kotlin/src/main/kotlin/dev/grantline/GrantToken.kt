package dev.grantline

import dev.grantline.ffi.AccessToken as NativeToken

/**
 * The token of one handle's grant.
 *
 * @param copy shared by all handles on the grant
 */
internal class GrantToken(
    private val copy: TokenCopy,
    private val ask: suspend () -> NativeToken,
    private val renew: suspend () -> NativeToken,
    private val refuse: (NativeToken) -> Unit,
) {
    suspend fun fresh(): AccessToken {
        // Read first: what happens meanwhile then counts against the copy.
        val epoch = copy.epoch
        return copy.fresh(epoch) ?: AccessToken.of(native { ask() }).also { copy.keep(it, epoch) }
    }

    suspend fun refresh(): AccessToken {
        val epoch = copy.epoch
        try {
            // The copy becomes good by the raising below, unless somebody else's comes between.
            return AccessToken.of(native { renew() }).also { copy.keep(it, epoch + 1) }
        } finally {
            copy.voided()
        }
    }

    fun invalidate(refused: AccessToken) {
        native { refuse(refused.native) }
        // Afterwards: whoever asked the native side before may have been given the refused one.
        copy.voided()
    }

    suspend fun <T> whileEnding(end: suspend () -> T): T = copy.whileEnding(end)
}
