package dev.grantline

import dev.grantline.ffi.inspectToken
import java.time.Instant
import dev.grantline.ffi.Inspection as NativeInspection
import dev.grantline.ffi.Introspection as NativeIntrospection

/** What the provider knows of a token (RFC 7662 section 2.2). It prints no member. */
public class Introspection internal constructor(private val native: NativeIntrospection) {
    /** Whether the token is good now. If it is not, nothing else is known of it. */
    public val isActive: Boolean = native { native.isActive() }

    /** The user, or whoever else granted it (`sub`). */
    public val subject: String? get() = native { native.subject() }

    /** The client that it was issued to. */
    public val clientId: String? get() = native { native.clientId() }

    /** Its scopes; `null` where the server named none. */
    public val scopes: List<String>? get() = native { native.scopes() }

    /** When it stops being good; `null` where the server did not say. */
    public val expiresAt: Instant? get() = native { native.expiresAtMs() }?.let { Instant.ofEpochMilli(it.toLong()) }

    /** Any member: a [String], [Long], [Double], [Boolean], [List] or [Map], or `null` where it is not there. */
    public fun member(name: String): Any? = native { native.member(name) }?.plain()

    /** All members, as [member] gives them. */
    public val members: Map<String, Any?> get() = native { native.members() }.plain()

    override fun toString(): String = "Introspection(isActive=$isActive, redacted)"
}

/** What stands in a JSON Web Token. **Nobody has verified it**: anybody may have written it. It prints nothing of that. */
public class Inspection private constructor(private val native: NativeInspection) {
    /** The header. */
    public val header: Map<String, Any?> get() = native { native.header() }.plain()

    /** The claims. */
    public val claims: Map<String, Any?> get() = native { native.claims() }.plain()

    override fun toString(): String = "Inspection(redacted)"

    public companion object {
        /**
         * Looks into a token, for a person: it decides nothing, since an access token is the API's business (RFC 9068
         * section 6), and verifies nothing. `null`: the token is opaque, and only its server knows what it means.
         */
        @JvmStatic
        public fun of(token: String): Inspection? = native { inspectToken(token) }?.let(::Inspection)
    }
}
