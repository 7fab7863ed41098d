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

    /// Where the browser goes. `nil`: the provider offers no such end, unless ``failure`` says otherwise. It holds the user's ID
    /// token: do not log it.
    public var url: URL? { native.url().flatMap(URL.init(string:)) }

    /// Why there is no URL although the provider may offer such an end: its metadata could not be had. The session is over here
    /// all the same.
    public var failure: GrantlineError? { native.failure().map(GrantlineError.init(native:)) }

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

extension Registration {
    /// Verifies a logout token with keys that are at hand, and checks everything that it says (OpenID Connect Back-Channel
    /// Logout section 2.6). Whether it came before is not known here: ``WebApp/checkLogoutNotice(_:)`` looks after that, with
    /// the keys that the provider publishes.
    ///
    /// - Parameters:
    ///   - logoutToken: in the compact form.
    ///   - keySet: the provider's, as JSON (RFC 7517 section 5).
    ///   - now: the moment to judge at.
    /// - Throws: `logout_token_...`, `id_token_...`, `key_set_malformed`, `clock_tolerance_too_long`, `client_id_missing`.
    public func checkLogoutToken(_ logoutToken: String, keySet: String, now: Date = Date()) throws -> LogoutNotice {
        try translatingErrors {
            LogoutNotice(
                try native.checkLogoutToken(logoutToken: logoutToken, keySet: keySet, nowMs: now.unixMilliseconds))
        }
    }
}
