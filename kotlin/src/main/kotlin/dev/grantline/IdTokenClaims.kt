package dev.grantline

import java.time.Instant
import dev.grantline.ffi.IdTokenClaims as NativeClaims
import dev.grantline.ffi.JsonValue as NativeJson

/**
 * What a valid ID token says of the user who logged in (OpenID Connect Core section 2).
 *
 * [issuer] and [subject] together identify the user; an email address does not (section 5.7). It prints no other claim than
 * issuer, subject and audience.
 */
public class IdTokenClaims internal constructor(private val native: NativeClaims) {
    /** Who issued it (`iss`). */
    public val issuer: String = native { native.issuer() }

    /** The user, by a name that the issuer gives to nobody else (`sub`). */
    public val subject: String = native { native.subject() }

    /** For whom it is (`aud`). */
    public val audience: List<String> = native { native.audience() }

    /** When it stops being good (`exp`). It says nothing of the session's end. */
    public val expiresAt: Instant get() = Instant.ofEpochMilli(native { native.expiresAtMs() }.toLong())

    /** When it was issued (`iat`). */
    public val issuedAt: Instant get() = Instant.ofEpochMilli(native { native.issuedAtMs() }.toLong())

    /** When the user logged in (`auth_time`). */
    public val authTime: Instant? get() = native { native.authTimeMs() }?.let { Instant.ofEpochMilli(it.toLong()) }

    /** How surely the user was identified (`acr`). Visma Connect writes a small whole number. */
    public val acr: String? get() = native { native.acr() }

    /** By what means the user was identified (`amr`; RFC 8176). */
    public val amr: List<String> get() = native { native.amr() }

    /** The user's session at the provider (`sid`). */
    public val sessionId: String? get() = native { native.sessionId() }

    /** Where the user was identified (`idp`, Visma Connect). */
    public val identityProvider: String? get() = native { native.identityProvider() }

    /** The user's last login before this one (`llt`, Visma Connect), as it stands there. */
    public val lastLoginTime: Any? get() = native { native.lastLoginTime() }?.plain()

    /** The customer whose data the user chose (`tenant_id`, Visma Connect). */
    public val tenantId: String? get() = native { native.tenantId() }

    /**
     * Any further claim: a [String], [Long], [Double], [Boolean], [List] or [Map], or `null` where it is not there. Text in it
     * is the provider's, and through it perhaps the user's: escape it.
     */
    public fun claim(name: String): Any? = native { native.claim(name) }?.plain()

    /** All claims that have no property of their own in the standard, as [claim] gives them. */
    public val furtherClaims: Map<String, Any?> get() = native { native.furtherClaims() }.plain()

    override fun toString(): String = "IdTokenClaims(issuer=$issuer, subject=$subject, audience=$audience, redacted)"
}

/** As Kotlin has it. */
internal fun NativeJson.plain(): Any? =
    when (this) {
        is NativeJson.Nothing -> null
        is NativeJson.Truth -> value
        is NativeJson.Whole -> value
        is NativeJson.Fraction -> value
        is NativeJson.Text -> value
        is NativeJson.Items -> values.map { it.plain() }
        is NativeJson.Members -> values.plain()
    }

/** The members of an object, as Kotlin has them. */
internal fun Map<String, NativeJson>.plain(): Map<String, Any?> = mapValues { it.value.plain() }
