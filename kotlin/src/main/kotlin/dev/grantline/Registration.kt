package dev.grantline

import java.time.Duration
import java.time.Instant
import dev.grantline.ffi.ClientAuthenticationMethod as NativeMethod
import dev.grantline.ffi.Registration as NativeRegistration
import dev.grantline.ffi.SigningAlgorithm as NativeAlgorithm

/** How a confidential client proves who it is at the token endpoint (RFC 6749 section 2.3.1). */
public enum class ClientAuthenticationMethod(internal val native: NativeMethod) {
    /** `client_secret_basic`: an Authorization header. */
    CLIENT_SECRET_BASIC(NativeMethod.CLIENT_SECRET_BASIC),

    /** The same without form encoding (RFC 6749 section 2.3.1), for servers that do not undo it. */
    CLIENT_SECRET_BASIC_UNENCODED(NativeMethod.CLIENT_SECRET_BASIC_UNENCODED),

    /** `client_secret_post`: parameters of the form. */
    CLIENT_SECRET_POST(NativeMethod.CLIENT_SECRET_POST),

    /** `none`: only the client id, for public clients. */
    NONE(NativeMethod.NO_AUTHENTICATION),
}

/** An algorithm by which a provider signs ID tokens (RFC 7518 section 3.1, RFC 8037 section 3.1). */
public enum class SigningAlgorithm(internal val native: NativeAlgorithm) {
    RS256(NativeAlgorithm.RS256),
    RS384(NativeAlgorithm.RS384),
    RS512(NativeAlgorithm.RS512),
    PS256(NativeAlgorithm.PS256),
    PS384(NativeAlgorithm.PS384),
    PS512(NativeAlgorithm.PS512),
    ES256(NativeAlgorithm.ES256),
    ES384(NativeAlgorithm.ES384),

    /** With Ed25519. */
    EDDSA(NativeAlgorithm.ED_DSA),
}

/**
 * What the provider knows of the application. It becomes an application of one of the four types, whose constructor
 * refuses what that type may not have.
 *
 * @property provider where it is registered
 * @property clientId the client id
 * @param clientSecret the secret of a confidential client
 * @param redirectUris the registered redirect URIs, byte for byte as the provider has them
 * @param clientAuthentication how the client proves who it is, if not as the provider's profile or its metadata have it
 * @param refreshGrace for how long after its use the server takes a single-use refresh token again, as it is set there for
 *   this client. The time limits of a refresh are then chosen so that a host that takes over from one that is gone comes
 *   within it
 * @param askForLoginAfterLostAnswer never sends a refresh token again whose answer was lost, and ends the session instead:
 *   for servers that punish a repeated refresh token beyond the grant
 * @param idTokenAlgorithm by which the provider signs ID tokens for this client (`id_token_signed_response_alg`), RS256
 *   unless given. One that a token names itself is not followed
 * @param trustedAudiences further parties that ID tokens of this client may be for
 * @param clockTolerance by how much this machine's clock and the provider's may differ where an ID token says from when to
 *   when it is good: a minute unless given, 5 minutes at most
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
        idTokenAlgorithm: SigningAlgorithm? = null,
        trustedAudiences: List<String> = emptyList(),
        clockTolerance: Duration? = null,
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
                ).use { it.withIdTokens(idTokenAlgorithm?.native, trustedAudiences, clockTolerance?.wholeMillis()) }
            }

        /**
         * Verifies an ID token with keys that are at hand, and checks everything that it says. Logins do so by themselves,
         * with the keys that the provider publishes.
         *
         * @param idToken in the compact form
         * @param keySet the provider's, as JSON (RFC 7517 section 5)
         * @param expected what the login asked for
         * @param now the moment to judge at
         * @throws ServerMisbehavedException `id_token_...`, `key_set_malformed`
         * @throws MisuseException `clock_tolerance_too_long`, `client_id_missing`
         */
        @JvmOverloads
        public fun checkIdToken(
            idToken: String,
            keySet: String,
            expected: IdTokenExpectations,
            now: Instant = Instant.now(),
        ): IdTokenClaims =
            IdTokenClaims(native { native.checkIdToken(idToken, keySet, expected.native, now.sinceEpoch()) })

        /**
         * Verifies a logout token with keys that are at hand, and checks everything that it says (OpenID Connect
         * Back-Channel Logout section 2.6). Whether it came before is not known here: [WebApp.checkLogoutNotice] looks
         * after that, with the keys that the provider publishes.
         *
         * @param logoutToken in the compact form
         * @param keySet the provider's, as JSON (RFC 7517 section 5)
         * @param now the moment to judge at
         * @throws ServerMisbehavedException `logout_token_...`, `id_token_...`, `key_set_malformed`
         * @throws MisuseException `clock_tolerance_too_long`, `client_id_missing`
         */
        @JvmOverloads
        public fun checkLogoutToken(
            logoutToken: String,
            keySet: String,
            now: Instant = Instant.now(),
        ): LogoutNotice = LogoutNotice(native { native.checkLogoutToken(logoutToken, keySet, now.sinceEpoch()) })

        private fun Instant.sinceEpoch(): ULong = toEpochMilli().coerceAtLeast(0).toULong()

        override fun toString(): String = "Registration(clientId=$clientId, provider=$provider)"
    }
