import Foundation
internal import GrantlineGenerated

/// A session that is over here, and on its way to be over at the provider.
public struct BegunLogout: Sendable, Redacted {
    /// Where the browser goes.
    public let redirect: LogoutRedirect
    /// What the server said to the revocation of the refresh token.
    public let revocation: Revocation

    init(_ native: GrantlineGenerated.BegunLogout) {
        redirect = LogoutRedirect(native: native.redirect)
        revocation = Revocation(native.revocation)
    }

    public var description: String { "BegunLogout(redacted)" }
}

/// The way of a browser to the end of its user's session at the provider.
public struct LogoutRedirect: Sendable, Redacted {
    let native: GrantlineGenerated.LogoutRedirect

    /// Where the browser goes; `nil`, if the provider offers no such end. It holds the user's ID token: do not log it.
    public var url: URL? { native.url().flatMap(URL.init(string:)) }

    /// What comes back with the browser, if it comes back: keep it until then, for instance in a cookie.
    public var state: String { native.state() }

    /// Whether a browser that came back came from this logout. If not, the session is over all the same: only that the
    /// provider ended its own is not known then.
    public func isAnswered(by callback: Callback) -> Bool { native.isAnsweredBy(callback: callback.native) }

    public var description: String { "LogoutRedirect(redacted)" }
}

/// What a valid logout token says (OpenID Connect Back-Channel Logout section 2.4).
public struct LogoutNotice: Sendable, Redacted {
    /// Whose sessions are over. Without a ``sessionID``: all of them.
    public let subject: String?
    /// Which session is over, as ``IDTokenClaims/sessionID`` named it.
    public let sessionID: String?
    /// When it was issued.
    public let issuedAt: Date

    init(_ native: GrantlineGenerated.LogoutNotice) {
        subject = native.subject()
        sessionID = native.sessionId()
        issuedAt = Date(unixMilliseconds: native.issuedAtMs())
    }

    public var description: String { "LogoutNotice(subject: \(subject ?? "none"), redacted)" }
}
