package dev.grantline

import java.time.Duration
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
 * @param refreshGrace for how long after its use the server takes a single-use refresh token again, as it is set there for
 *   this client. The time limits of a refresh are then chosen so that a host that takes over from one that is gone comes
 *   within it
 * @param askForLoginAfterLostAnswer never sends a refresh token again whose answer was lost, and ends the session instead:
 *   for servers that punish a repeated refresh token beyond the grant
 */
public class Registration
    @JvmOverloads
    constructor(
        public val provider: Provider,
        public val clientId: String,
        clientSecret: String? = null,
        redirectUris: List<String> = emptyList(),
        clientAuthentication: ClientAuthenticationMethod? = null,
        refreshGrace: Duration? = null,
        askForLoginAfterLostAnswer: Boolean = false,
    ) {
        internal val native: NativeRegistration =
            native {
                NativeRegistration(
                    provider.native,
                    clientId,
                    clientSecret,
                    redirectUris,
                    clientAuthentication?.native,
                    refreshGrace?.wholeMillis(),
                    askForLoginAfterLostAnswer,
                )
            }

        override fun toString(): String = "Registration(clientId=$clientId, provider=$provider)"
    }
