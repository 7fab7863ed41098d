package dev.grantline

import dev.grantline.ffi.UserInfo as NativeUserInfo

/** What the provider says of a user (OpenID Connect Core section 5.3). It prints no other claim than the subject. */
public class UserInfo internal constructor(private val native: NativeUserInfo) {
    /** The user, by the name that the ID token has as well (`sub`). */
    public val subject: String = native { native.subject() }

    /**
     * A claim: a [String], [Long], [Double], [Boolean], [List] or [Map], or `null` where it is not there. Text in it is the
     * user's: escape it.
     */
    public fun claim(name: String): Any? = native { native.claim(name) }?.plain()

    /** All claims, as [claim] gives them. */
    public val claims: Map<String, Any?> get() = native { native.claims() }.plain()

    override fun toString(): String = "UserInfo(subject=$subject, redacted)"
}
