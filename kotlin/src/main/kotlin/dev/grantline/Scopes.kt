package dev.grantline

import dev.grantline.ffi.Scopes as NativeScopes

/** The scopes to ask for (RFC 6749 section 3.3): a list of them, or all that the registration allows. */
public class Scopes private constructor(internal val native: NativeScopes) {
    override fun equals(other: Any?): Boolean = other is Scopes && native == other.native

    override fun hashCode(): Int = native.hashCode()

    override fun toString(): String =
        when (native) {
            is NativeScopes.AllAllowed -> "(all allowed)"
            is NativeScopes.Exactly -> native.scopes.joinToString(" ")
        }

    public companion object {
        private val ALL_ALLOWED = Scopes(NativeScopes.AllAllowed)

        /** Exactly these. An empty list, and what is no scope, is refused by the operation that it is handed to. */
        @JvmStatic
        public fun of(vararg scopes: String): Scopes = list(scopes.asList())

        /** Exactly these, sent in this order. */
        @JvmStatic
        public fun list(scopes: Collection<String>): Scopes = Scopes(NativeScopes.Exactly(scopes.toList()))

        /** No scope parameter at all: the server grants what the registration allows. */
        @JvmStatic
        public fun allAllowed(): Scopes = ALL_ALLOWED
    }
}
