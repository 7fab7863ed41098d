import Foundation
internal import GrantlineGenerated

/// Why an operation failed: by whose fault, with a stable ``code``, and with what to do.
///
/// No message and no field of it ever holds a secret. A cancelled task gets a `CancellationError` instead.
public struct GrantlineError: Error, Sendable, Equatable {
    /// Who has to act for it to work next time.
    public enum Fault: String, Sendable, CaseIterable {
        /// The server refused by its rules; ``GrantlineError/refusal`` has its words, unless a session has ended.
        case serverRefused = "server_refused"
        /// The server, or whoever sent a callback, broke a rule.
        case serverMisbehaved = "server_misbehaved"
        /// The network: no usable response came.
        case transport
        /// The provider or this build does not offer it.
        case unsupported
        /// The application asked for something that is not allowed; nothing was sent.
        case misuse
        /// The session store did not do its part.
        case store
        /// Nobody: it was cancelled.
        case cancelled
        /// This library.
        case `internal`
    }

    /// What the application should do.
    public enum Advice: String, Sendable, CaseIterable {
        /// Try again, not before ``GrantlineError/retryAfter`` if that is set.
        case retry
        /// Let the user log in again.
        case logInAgain = "log_in_again"
        /// Somebody with rights at the provider has to act.
        case askAdministrator = "ask_administrator"
        /// Change the application's configuration or code.
        case fixConfiguration = "fix_configuration"
        /// Report it: to the provider if the server misbehaved, to us if it is internal.
        case reportBug = "report_bug"
    }

    /// The stable name of this failure. Where the server refused, it is the server's own `error`.
    public let code: String
    /// By whose fault it failed.
    public let fault: Fault
    /// What to do about it.
    public let advice: Advice
    /// How long to wait before trying again, where the server named a time.
    public let retryAfter: Duration?
    /// What happened and what to change, for a person.
    public let message: String
    /// The server's own words, if it refused.
    public let refusal: ServerRefusal?
}

/// An error response (RFC 6749 sections 4.1.2.1 and 5.2). Its texts are the server's and untrusted: escape them before
/// they are shown on a page.
public struct ServerRefusal: Sendable, Equatable {
    /// The server's `error`, also one that no standard knows.
    public let error: String
    /// The server's `error_description`, cut at 1,000 characters.
    public let errorDescription: String?
    /// The server's `error_uri`, as text: nothing was checked about it.
    public let errorURI: String?
    /// The HTTP status; `nil` for a refusal that a callback brought.
    public let status: Int?
    /// All further members, as the text of one JSON object.
    public let members: String
}

extension GrantlineError: CustomStringConvertible, LocalizedError {
    public var description: String { "\(message) [\(code)]" }
    public var errorDescription: String? { message }
}

extension GrantlineError {
    /// - Parameter error: what the native library threw.
    init(native error: any Error) {
        switch error as? NativeError {
        case nil:
            // Rust panicked: the text may hold anything.
            self.init(broken: "the native library failed")
        case .Failed(let code, let fault, let advice, let retryAfterMs, let text, let refusal):
            self.init(
                code: code,
                fault: Fault(rawValue: fault) ?? .internal,
                advice: Advice(rawValue: advice) ?? .reportBug,
                retryAfter: retryAfterMs.map(Duration.init(milliseconds:)),
                message: text,
                refusal: refusal.map(ServerRefusal.init)
            )
        }
    }

    /// A fault of this library.
    init(broken rule: String) {
        self.init(
            code: "internal", fault: .internal, advice: .reportBug, retryAfter: nil,
            message: "grantline broke a rule of its own: \(rule)", refusal: nil)
    }
}

extension ServerRefusal {
    init(_ native: GrantlineGenerated.ServerRefusal) {
        self.init(
            error: native.error,
            errorDescription: native.errorDescription,
            errorURI: native.errorUri,
            status: native.status.map(Int.init),
            members: native.members
        )
    }
}

/// Runs a call of the native library and throws its errors as a ``GrantlineError``.
func translatingErrors<Value>(_ call: () throws -> Value) throws -> Value {
    do {
        return try call()
    } catch {
        throw GrantlineError(native: error)
    }
}
