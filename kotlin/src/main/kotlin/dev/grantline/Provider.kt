package dev.grantline

import dev.grantline.ffi.Provider as NativeProvider

/** An authorization server: its issuer, its endpoints, and what is peculiar to it. */
public class Provider private constructor(internal val native: NativeProvider) {
    /** The issuer identifier. */
    public val issuer: String get() = native { native.issuer() }

    /** The same provider with a parameter that names the tenant in a service token's request. */
    public fun withTenantParameter(name: String): Provider = Provider(native { native.withTenantParameter(name) })

    override fun toString(): String = "Provider($issuer)"

    public companion object {
        /** Visma Connect, production. */
        @JvmStatic
        public fun vismaConnect(): Provider = Provider(native { NativeProvider.vismaConnect() })

        /**
         * Visma Connect, the staging environment that the Developer Portal calls sandbox. Registrations, secrets and
         * tenants are separate from production's.
         */
        @JvmStatic
        public fun vismaConnectStaging(): Provider = Provider(native { NativeProvider.vismaConnectStaging() })

        /**
         * A server that behaves like Visma Connect at another address: the emulator.
         *
         * @param issuer its base URL, without a trailing slash
         * @throws MisuseException `invalid_issuer`
         */
        @JvmStatic
        public fun vismaConnectAt(issuer: String): Provider = Provider(native { NativeProvider.vismaConnectAt(issuer) })

        /**
         * Any standards-based provider, by its issuer alone. Its metadata document (OpenID Connect Discovery section 4,
         * RFC 8414 section 3) is fetched when it is first needed, and again after a day; a server that is down when the
         * application starts does no harm.
         *
         * @param issuer an https URL, or http on loopback, character by character as the server calls itself
         * @throws MisuseException `invalid_issuer`
         */
        @JvmStatic
        public fun discover(issuer: String): Provider = Provider(native { NativeProvider.discover(issuer) })

        /**
         * Any standards-based provider, by the metadata document (RFC 8414, OpenID Connect Discovery) that the
         * application fetched from it. It is not fetched again.
         *
         * @param issuer as the application knows it; it must equal the document's, character by character
         * @param document the JSON text
         * @throws GrantlineException `invalid_issuer`, `metadata_issuer_mismatch`, `metadata_malformed`,
         *   `insecure_endpoint`, `invalid_endpoint`
         */
        @JvmStatic
        public fun fromMetadata(issuer: String, document: String): Provider =
            Provider(native { NativeProvider.fromMetadata(issuer, document) })
    }
}
