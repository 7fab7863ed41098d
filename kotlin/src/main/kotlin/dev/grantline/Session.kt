package dev.grantline

import java.util.concurrent.atomic.AtomicLong
import dev.grantline.ffi.Session as NativeSession

/** A handle on a user's session. */
public class Session internal constructor(native: NativeSession, epoch: AtomicLong) {
    private val token = TokenCopy(epoch, ask = { native.freshToken(null) }, renew = { native.refresh(null) })

    /** Its name: keep it, for instance in the user's cookie session, to find the session again. */
    public val id: String = native { native.id() }

    /**
     * An access token that is good now. It is refreshed when it has to be, by one request for all who ask; the new
     * refresh token is saved before anybody sees the access token. While the token is fresh this costs no native call.
     *
     * @throws ServerRefusedException `session_unknown`, `session_ended`, `no_refresh_token`, all with the advice to log
     *   in again
     * @throws GrantlineException whatever keeps the server from answering; nothing is lost by it
     */
    public suspend fun freshToken(): AccessToken = token.fresh()

    /**
     * A new access token, although the one in hand is still fresh.
     *
     * @throws GrantlineException as [freshToken]
     */
    public suspend fun refresh(): AccessToken = token.refresh()

    override fun toString(): String = "Session(id=$id)"
}
