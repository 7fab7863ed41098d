package dev.grantline

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicLong
import dev.grantline.ffi.TokenSource as NativeSource

/**
 * An application that acts as itself, without a user: a confidential client with the client credentials grant
 * (RFC 6749 section 4.4). It has one token for each tenant, scopes and resource, kept in memory and refreshed ahead.
 *
 * @throws MisuseException `client_id_missing`, `client_secret_missing`, `secret_method_without_secret`
 */
public class ServiceApp
    @JvmOverloads
    constructor(registration: Registration, client: Client = Client.default) {
        private val epoch = client.epoch
        private val native = native { client.native.serviceApp(registration.native) }
        private val name = "ServiceApp(clientId=${registration.clientId})"
        private val sources = ConcurrentHashMap<Triple<TenantChoice, Scopes, String?>, TokenSource>()

        /**
         * A token that is good now: from memory, or from the server. All who ask for the same one meanwhile share one
         * request, and a coroutine that is cancelled does not disturb the others.
         *
         * @param resource the API that the token is for (RFC 8707): an absolute URI without fragment
         * @throws GrantlineException the refusals of its parameters, before anything is sent; whatever keeps the server
         *   from answering
         */
        public suspend fun token(tenant: TenantChoice, scopes: Scopes, resource: String? = null): AccessToken =
            sources.computeIfAbsent(Triple(tenant, scopes, resource)) { tokenSource(tenant, scopes, resource) }.freshToken()

        /**
         * A handle for asking again and again for the same token. Nothing is sent.
         *
         * @throws MisuseException `empty_scopes`, `invalid_scope_value`, `invalid_tenant_id`, `invalid_resource`
         */
        public fun tokenSource(tenant: TenantChoice, scopes: Scopes, resource: String? = null): TokenSource =
            TokenSource(native { native.tokenSource(tenant.native, scopes.native, resource) }, epoch)

        override fun toString(): String = name
    }

/** A handle on one service token. */
public class TokenSource internal constructor(native: NativeSource, epoch: AtomicLong) {
    private val token = TokenCopy(epoch, ask = { native.freshToken(null) }, renew = { native.refresh(null) })

    /** A token that is good now. While it is fresh this costs no native call. */
    public suspend fun freshToken(): AccessToken = token.fresh()

    /** A token later than the one in hand, although that is still fresh: after an API refused it. */
    public suspend fun refresh(): AccessToken = token.refresh()

    override fun toString(): String = "TokenSource"
}
