import Foundation
internal import GrantlineGenerated

/// A login that has begun: send the browser to ``url``, keep ``pending``, and set the cookie of ``binding``.
public struct BegunLogin: Sendable {
    /// Where the browser goes.
    public let url: URL
    /// What to keep until the callback comes.
    public let pending: PendingLogin
    /// The cookie for the browser; `nil` for native and single-page applications, where the operating system or the page
    /// itself is the binding.
    public let binding: BrowserBinding?
}

/// A login that has begun and whose record is in the client's store: send the browser to ``url``, and set the cookie of
/// ``binding``.
public struct StoredLogin: Sendable, Redacted {
    /// Where the browser goes.
    public let url: URL
    /// The cookie for the browser; `nil` for native and single-page applications.
    public let binding: BrowserBinding?
    /// Until when the callback has to come.
    public let expiresAt: Date

    public var description: String { "StoredLogin(redacted)" }
}

/// The cookie that ties a browser to the login that it began (RFC 6749 section 10.12).
///
/// Set it with the redirect to ``BegunLogin/url``. Each login has a cookie of its own, so that two tabs do not disturb
/// each other.
public struct BrowserBinding: Sendable, Redacted {
    let native: GrantlineGenerated.BrowserBinding

    /// The cookie's name. It depends on the login's state alone.
    public var cookieName: String { native.cookieName() }

    /// The cookie's value.
    public func exposeValue() -> String { native.exposeValue() }

    /// The whole `Set-Cookie` header value: `__Host-`, `Secure`, `HttpOnly`, and `SameSite=None`, since a `form_post`
    /// callback is a cross-site POST. A secret.
    public func setCookie() -> String { native.setCookie() }

    public var description: String { "BrowserBinding(\(cookieName), redacted)" }
}

/// A login that became a session.
public struct LoggedIn: Sendable, Redacted {
    /// The session, which is saved.
    public let session: Session
    /// What the application gave the login to carry.
    public let appData: String?
    /// Who logged in, by a valid ID token; `nil`, if the login did not ask for `openid`, so that nobody was identified.
    public let identity: IDTokenClaims?

    public var description: String { "LoggedIn(session: \(session.id))" }
}

extension BegunLogin {
    init(_ native: GrantlineGenerated.BegunLogin) throws {
        guard let url = URL(string: native.url()) else {
            throw GrantlineError(broken: "Foundation cannot hold the authorization URL")
        }
        self.url = url
        pending = PendingLogin(native: native.pending())
        binding = native.binding().map(BrowserBinding.init)
    }
}

extension StoredLogin {
    init(_ native: GrantlineGenerated.StoredLogin) throws {
        guard let url = URL(string: native.url()) else {
            throw GrantlineError(broken: "Foundation cannot hold the authorization URL")
        }
        self.url = url
        binding = native.binding().map(BrowserBinding.init)
        expiresAt = Date(unixMilliseconds: native.expiresAtMs())
    }
}
