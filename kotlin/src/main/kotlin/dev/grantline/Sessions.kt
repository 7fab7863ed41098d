package dev.grantline

import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import dev.grantline.ffi.LoggedIn as NativeLoggedIn
import dev.grantline.ffi.Session as NativeSession

/** The sessions of one application: their handles share what they know of a token. */
internal class Sessions(private val client: Client, registration: Registration) {
    private data class Key(val issuer: String, val clientId: String, val session: String)

    private val issuer = registration.provider.issuer
    private val clientId = registration.clientId

    fun handle(session: NativeSession): Session {
        val token =
            GrantToken(
                client.copies.of(key(session)),
                ask = { session.freshToken(null) },
                renew = { session.refresh(null) },
                refuse = session::invalidate,
            )
        return Session(session, client, token)
    }

    /** A login may have been to a session that other handles know: what they keep of its token is void. */
    fun loggedIn(native: NativeLoggedIn): LoggedIn {
        client.copies.voided(key(native.session))
        return LoggedIn(handle(native.session), native.appData, native.identity?.let(::IdTokenClaims))
    }

    /** All names, by pages: a shorter page is the last one. */
    fun names(page: suspend (after: String?, limit: UInt) -> List<String>): Flow<String> =
        flow {
            var last: String? = null
            do {
                val names = native { page(last, PAGE) }
                names.forEach { emit(it) }
                last = names.lastOrNull()
            } while (names.size.toUInt() == PAGE)
        }

    private fun key(session: NativeSession) = Key(issuer, clientId, native { session.id() })

    private companion object {
        val PAGE = 500u
    }
}
