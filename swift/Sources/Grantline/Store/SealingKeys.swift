internal import GrantlineGenerated

/// What seals the records that a store keeps: keys of 32 unguessable bytes, of which the first seals and all open.
///
/// A key is replaced in three steps: every process gets the new key behind the old one; then in front of it; and the old one
/// goes when each session has been refreshed since. Whoever loses the keys loses every session that is sealed with them.
public struct SealingKeys: Sendable, Redacted {
    let native: GrantlineGenerated.SealingKeys

    /// The keys in a file, separated by white space. On Unix nobody but its owner may be allowed to read or write it.
    ///
    /// - Throws: `invalid_client_setting` if it cannot be read, or others can read it; `sealing_key_malformed`.
    public static func fromFile(_ path: String) throws -> SealingKeys {
        try translatingErrors { SealingKeys(native: try .fromFile(path: path)) }
    }

    /// Makes a key and a file that holds it, which only this user may read. A file that is there is never written over: it
    /// may hold the key of every session in a store.
    ///
    /// - Throws: `invalid_client_setting`.
    @discardableResult
    public static func createFile(_ path: String) throws -> SealingKeys {
        try translatingErrors { SealingKeys(native: try .createFile(path: path)) }
    }

    /// The keys in an environment variable, separated by white space. Other programs of the same user, and whoever starts
    /// this one, can read it.
    ///
    /// - Throws: `invalid_client_setting` if it is not set; `sealing_key_malformed`.
    public static func fromEnvironment(_ variable: String) throws -> SealingKeys {
        try translatingErrors { SealingKeys(native: try .fromEnvironment(variable: variable)) }
    }

    /// The keys in the system's keyring, where they are a password under the names of a service and an account. Blocks the
    /// thread, and waits for the user where the keyring is locked.
    ///
    /// - Throws: `invalid_client_setting` if there is no such entry, `sealing_key_malformed`; `store_denied` if the keyring
    ///   is locked, `store_unavailable` if there is none.
    public static func fromKeyring(service: String, account: String) throws -> SealingKeys {
        try translatingErrors { SealingKeys(native: try .fromKeyring(service: service, account: account)) }
    }

    /// Makes a key and an entry of the system's keyring that holds it. An entry that is there is never written over. Let one
    /// process do it, when the application is installed.
    ///
    /// - Throws: as ``fromKeyring(service:account:)``.
    @discardableResult
    public static func createInKeyring(service: String, account: String) throws -> SealingKeys {
        try translatingErrors { SealingKeys(native: try .createInKeyring(service: service, account: account)) }
    }

    /// Keys as text, for who has them from a secret manager: each of 32 bytes in base64 or hexadecimal.
    ///
    /// - Parameters:
    ///   - current: seals and opens.
    ///   - older: open only.
    /// - Throws: `sealing_key_malformed`.
    public static func fromText(_ current: String, older: [String] = []) throws -> SealingKeys {
        try translatingErrors { SealingKeys(native: try .fromText(current: current, older: older)) }
    }

    /// No keys: what goes to the store goes in clear, and whoever reads the store has the refresh tokens. Right where the
    /// store is itself a vault, such as a keychain.
    public static var dangerousPlaintext: SealingKeys { SealingKeys(native: .dangerousPlaintext()) }

    /// The same keys, which also open records that are not sealed: for the time in which those of an unsealed store are
    /// sealed, each when it is next refreshed. Meanwhile whoever can write to the store can put a session of their own
    /// there.
    public func dangerousAlsoOpenPlaintext() -> SealingKeys {
        SealingKeys(native: native.dangerousAlsoOpenPlaintext())
    }

    public var description: String { "SealingKeys(redacted)" }
}
