package dev.grantline

import dev.grantline.ffi.ClientAuthenticationMethod as NativeMethod
import dev.grantline.ffi.Registration as NativeRegistration

/** How a confidential client proves who it is at the token endpoint (RFC 6749 section 2.3.1). */
public enum class ClientAuthenticationMethod(internal val native: NativeMethod) {
    /** `client_secret_basic`: an Authorization header. */
    CLIENT_SECRET_BASIC(NativeMethod.CLIENT_SECRET_BASIC),

    /** `client_secret_post`: parameters of the form. */
    CLIENT_SECRET_POST(NativeMethod.CLIENT_SECRET_POST),

    /** `none`: only the client id, for public clients. */
    NONE(NativeMethod.NO_AUTHENTICATION),
}

/**
 * What the provider knows of the application. It becomes an application of one of the four types, whose constructor
 * refuses what that type may not have.
 *
 * @property provider where it is registered
 * @property clientId the client id
 * @param clientSecret the secret of a confidential client
 * @param redirectUris the registered redirect URIs, byte for byte as the provider has them
 * @param clientAuthentication how the client proves who it is, if not as the provider's profile has it
 */
public class Registration
    @JvmOverloads
    constructor(
        public val provider: Provider,
        public val clientId: String,
        clientSecret: String? = null,
        redirectUris: List<String> = emptyList(),
        clientAuthentication: ClientAuthenticationMethod? = null,
    ) {
        internal val native: NativeRegistration =
            native {
                NativeRegistration(provider.native, clientId, clientSecret, redirectUris, clientAuthentication?.native)
            }

        override fun toString(): String = "Registration(clientId=$clientId, provider=$provider)"
    }
