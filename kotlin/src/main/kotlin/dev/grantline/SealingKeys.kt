package dev.grantline

import java.nio.file.Path
import dev.grantline.ffi.SealingKeys as NativeKeys

/**
 * What seals the records that a store keeps: keys of 32 unguessable bytes, of which the first seals and all open.
 *
 * A key is replaced in three steps: every process gets the new key behind the old one; then in front of it; and the old
 * one goes when each session has been refreshed since. Whoever loses the keys loses every session that is sealed with
 * them.
 */
public class SealingKeys private constructor(internal val native: NativeKeys) {
    /**
     * The same keys, which also open records that are not sealed: for the time in which those of an unsealed store are
     * sealed, each when it is next refreshed. Meanwhile whoever can write to the store can put a session of their own
     * there.
     */
    public fun dangerousAlsoOpenPlaintext(): SealingKeys = SealingKeys(native { native.dangerousAlsoOpenPlaintext() })

    override fun toString(): String = "SealingKeys(redacted)"

    public companion object {
        /**
         * The keys in a file, separated by white space. On Unix nobody but its owner may be allowed to read or write it.
         *
         * @throws MisuseException `invalid_client_setting` if it cannot be read, or others can read it;
         *   `sealing_key_malformed`
         */
        @JvmStatic
        public fun fromFile(path: Path): SealingKeys = SealingKeys(native { NativeKeys.fromFile(path.toString()) })

        /**
         * Makes a key and a file that holds it, which only this user may read. A file that is there is never written over:
         * it may hold the key of every session in a store.
         *
         * @throws MisuseException `invalid_client_setting`
         */
        @JvmStatic
        public fun createFile(path: Path): SealingKeys = SealingKeys(native { NativeKeys.createFile(path.toString()) })

        /**
         * The keys in an environment variable, separated by white space. Other programs of the same user, and whoever
         * starts this one, can read it.
         *
         * @throws MisuseException `invalid_client_setting` if it is not set; `sealing_key_malformed`
         */
        @JvmStatic
        public fun fromEnvironment(variable: String): SealingKeys =
            SealingKeys(native { NativeKeys.fromEnvironment(variable) })

        /**
         * The keys in the system's keyring, where they are a password under the names of a service and an account. Blocks
         * the thread, and waits for the user where the keyring is locked.
         *
         * @throws MisuseException `invalid_client_setting` if there is no such entry, `sealing_key_malformed`
         * @throws StoreException `store_denied` if the keyring is locked, `store_unavailable` if there is none
         */
        @JvmStatic
        public fun fromKeyring(service: String, account: String): SealingKeys =
            SealingKeys(native { NativeKeys.fromKeyring(service, account) })

        /**
         * Makes a key and an entry of the system's keyring that holds it. An entry that is there is never written over. Let
         * one process do it, when the application is installed.
         *
         * @throws GrantlineException as [fromKeyring]
         */
        @JvmStatic
        public fun createInKeyring(service: String, account: String): SealingKeys =
            SealingKeys(native { NativeKeys.createInKeyring(service, account) })

        /**
         * Keys as text, for who has them from a secret manager: each of 32 bytes in base64 or hexadecimal.
         *
         * @param current seals and opens
         * @param older open only
         * @throws MisuseException `sealing_key_malformed`
         */
        @JvmStatic
        public fun fromText(current: String, vararg older: String): SealingKeys =
            SealingKeys(native { NativeKeys.fromText(current, older.asList()) })

        /**
         * No keys: what goes to the store goes in clear, and whoever reads the store has the refresh tokens. Right where
         * the store is itself a vault, such as a keystore.
         */
        @JvmStatic
        public fun dangerousPlaintext(): SealingKeys = SealingKeys(native { NativeKeys.dangerousPlaintext() })
    }
}
