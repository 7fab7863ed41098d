package dev.grantline

import java.time.Duration
import dev.grantline.ffi.LoginParameter as NativeParameter
import dev.grantline.ffi.LoginRequest as NativeRequest
import dev.grantline.ffi.Prompt as NativePrompt
import dev.grantline.ffi.ResponseMode as NativeMode

/** How the answer comes back. */
public enum class ResponseMode(internal val native: NativeMode) {
    /** In the query of the redirect URI: the default of the code flow. */
    QUERY(NativeMode.QUERY),

    /**
     * As a form that the browser posts to the redirect URI: Visma Connect's advice for web applications. Cookies reach
     * such a cross-site POST only with `SameSite=None; Secure`.
     */
    FORM_POST(NativeMode.FORM_POST),
}

/** What the server shall make the user do (OpenID Connect Core section 3.1.2.1). */
public enum class Prompt(internal val native: NativePrompt) {
    /** Nothing: answer at once, or with an error. */
    NONE(NativePrompt.NO_INTERACTION),

    /** Log in again. */
    LOGIN(NativePrompt.LOGIN),

    /** Consent again. */
    CONSENT(NativePrompt.CONSENT),

    /** Choose an account. */
    SELECT_ACCOUNT(NativePrompt.SELECT_ACCOUNT),
}

/**
 * A login to begin. Everything but the scopes may be left out.
 *
 * @property scopes with `openid` among them it also says who logged in; with `offline_access` the session outlives its
 *   first access token
 * @property redirectUri which of the registration's to use; needed where it has several. On loopback the port may differ
 *   from the registered one (RFC 8252 section 7.3)
 * @property responseMode how the answer comes back
 * @property prompts what the user shall have to do
 * @property loginHint who is expected to log in: fills the name in on the login page
 * @property maxAge how long ago, in whole seconds, the user may have authenticated
 * @property acrValues the authentication contexts of which one has to be reached, separated by spaces:
 *   `urn:idp:vismaconnect:mfa` for a second factor at Visma Connect
 * @property preferAcrValues the same, and a login that reaches none of them is taken all the same: judge by the claims `acr`
 *   and `amr`. Beside [acrValues] it has no effect
 * @property uiLocales the languages of the login page by preference, as BCP 47 tags separated by spaces
 * @property tenantHint the tenant that the user is expected to choose (Visma Connect)
 * @property resources the APIs that the tokens are for (RFC 8707)
 * @property parameters further parameters that the provider understands, by name
 * @property session the name under which the session is kept, 1 to 256 bytes; without one a name is generated
 * @property appData text of the application that the completed login gives back; it is never sent
 * @property expiresAfter how long the user may take at the provider, in whole seconds: 10 minutes unless given, 30 s to a
 *   day
 * @property dangerousWithoutPkce leaves the proof key out, for a server that refuses its parameters. Only a confidential
 *   web application can ask for it, and it makes code injection possible (RFC 9700 section 4.5)
 */
public class LoginRequest
    @JvmOverloads
    constructor(
        public val scopes: Scopes,
        public val redirectUri: String? = null,
        public val responseMode: ResponseMode? = null,
        public val prompts: List<Prompt> = emptyList(),
        public val loginHint: String? = null,
        public val maxAge: Duration? = null,
        public val acrValues: String? = null,
        public val uiLocales: String? = null,
        public val tenantHint: String? = null,
        public val resources: List<String> = emptyList(),
        public val parameters: List<Pair<String, String>> = emptyList(),
        public val session: String? = null,
        public val appData: String? = null,
        public val dangerousWithoutPkce: Boolean = false,
        public val preferAcrValues: String? = null,
        public val expiresAfter: Duration? = null,
    ) {
        internal fun native() =
            NativeRequest(
                scopes = scopes.native,
                redirectUri = redirectUri,
                responseMode = responseMode?.native,
                prompts = prompts.map { it.native },
                loginHint = loginHint,
                maxAgeS = maxAge?.seconds?.coerceAtLeast(0)?.toULong(),
                expiresAfterS = expiresAfter?.seconds?.coerceAtLeast(0)?.toULong(),
                acrValues = acrValues,
                preferAcrValues = preferAcrValues,
                uiLocales = uiLocales,
                tenantHint = tenantHint,
                resources = resources,
                parameters = parameters.map { (name, value) -> NativeParameter(name, value) },
                session = session,
                appData = appData,
                dangerousWithoutPkce = dangerousWithoutPkce,
            )

        /** Leaves out what may tell who logs in, or what the application keeps. */
        override fun toString(): String = "LoginRequest(scopes=$scopes, redirectUri=$redirectUri)"
    }
