package dev.grantline

/**
 * An application that acts as itself, without a user: a confidential client with the client credentials grant
 * (RFC 6749 section 4.4). It has one token for each tenant, scopes and resource, kept in memory and refreshed ahead.
 *
 * @throws MisuseException `client_id_missing`, `client_secret_missing`, `secret_method_without_secret`
 */
public class ServiceApp
    @JvmOverloads
    constructor(registration: Registration, private val client: Client = Client.default) {
        private data class Key(
            val issuer: String,
            val clientId: String,
            val tenant: TenantChoice,
            val scopes: Scopes,
            val resource: String?,
        )

        private val issuer = registration.provider.issuer
        private val clientId = registration.clientId
        private val native = native { client.native.serviceApp(registration.native) }
        private val name = "ServiceApp(clientId=${registration.clientId})"

        /**
         * A token that is good now: from memory, or from the server. All who ask for the same one meanwhile share one
         * request, and a coroutine that is cancelled does not disturb the others.
         *
         * @param resource the API that the token is for (RFC 8707): an absolute URI without fragment
         * @throws GrantlineException the refusals of its parameters, before anything is sent; whatever keeps the server
         *   from answering
         */
        public suspend fun token(tenant: TenantChoice, scopes: Scopes, resource: String? = null): AccessToken {
            val key = Key(issuer, clientId, tenant, scopes, resource)
            return client.copies.of(key).run { fresh(epoch) } ?: source(key).freshToken()
        }

        /**
         * A handle for asking again and again for the same token. Nothing is sent.
         *
         * @throws MisuseException `empty_scopes`, `invalid_scope_value`, `invalid_tenant_id`, `invalid_resource`
         */
        public fun tokenSource(tenant: TenantChoice, scopes: Scopes, resource: String? = null): TokenSource =
            source(Key(issuer, clientId, tenant, scopes, resource))

        /**
         * What the provider knows of a token (RFC 7662): for an application that is an API itself.
         *
         * @throws GrantlineException `endpoint_missing`; the provider's refusal; a transport failure
         */
        public suspend fun introspect(token: String): Introspection =
            Introspection(native { native.introspect(token, null) })

        private fun source(key: Key): TokenSource {
            val source = native { native.tokenSource(key.tenant.native, key.scopes.native, key.resource) }
            return TokenSource(
                GrantToken(
                    client.copies.of(key),
                    ask = { source.freshToken(null) },
                    renew = { source.refresh(null) },
                    refuse = source::invalidate,
                ),
            )
        }

        override fun toString(): String = name
    }

/** A handle on one service token. */
public class TokenSource internal constructor(private val token: GrantToken) {
    /** A token that is good now. While it is fresh this costs no native call. */
    public suspend fun freshToken(): AccessToken = token.fresh()

    /** A token later than the one in hand, although that is still fresh. */
    public suspend fun refresh(): AccessToken = token.refresh()

    /**
     * An API refused this token although it is not past its time: it is not handed out again, by any handle on it, and
     * whoever asks next gets a later one. If there is a later one already, nothing happens.
     */
    public fun invalidate(token: AccessToken): Unit = this.token.invalidate(token)

    /**
     * An API at these origins, whose requests go out with these tokens. Keep it: it remembers whether replacing a refused
     * token was of use.
     *
     * @param origins each a scheme, a host and perhaps a port: `https://api.example`
     * @throws MisuseException `invalid_api_origin`, `insecure_api_origin`
     */
    public fun api(vararg origins: String): Api = Api(token, origins.asList())

    override fun toString(): String = "TokenSource"
}
