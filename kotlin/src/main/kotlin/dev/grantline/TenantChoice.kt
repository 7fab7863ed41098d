package dev.grantline

import dev.grantline.ffi.TenantChoice as NativeChoice

/**
 * Whose data a service token is for. It is always chosen in words: Visma Connect answers a request that names no tenant
 * with a token for the application's default tenant, if there is one, and that is another customer's data.
 */
public class TenantChoice private constructor(internal val native: NativeChoice) {
    override fun equals(other: Any?): Boolean = other is TenantChoice && native == other.native

    override fun hashCode(): Int = native.hashCode()

    override fun toString(): String =
        when (native) {
            is NativeChoice.Tenant -> "tenant ${native.id}"
            is NativeChoice.DefaultTenant -> "default tenant"
            is NativeChoice.NoTenant -> "no tenant"
        }

    public companion object {
        private val DEFAULT = TenantChoice(NativeChoice.DefaultTenant)
        private val NONE = TenantChoice(NativeChoice.NoTenant)

        /** This tenant, by its UUID. Anything else is refused, `invalid_tenant_id`, when a token is asked for. */
        @JvmStatic
        public fun tenant(id: String): TenantChoice = TenantChoice(NativeChoice.Tenant(id))

        /** The tenant that is configured at the provider as this application's default. */
        @JvmStatic
        public fun defaultTenant(): TenantChoice = DEFAULT

        internal fun of(native: NativeChoice): TenantChoice = TenantChoice(native)

        /** No tenant: for APIs that are not tenant-based. */
        @JvmStatic
        public fun noTenant(): TenantChoice = NONE
    }
}
