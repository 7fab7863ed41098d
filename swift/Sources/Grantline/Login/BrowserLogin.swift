import Foundation
internal import GrantlineGenerated

/// A login that waits for its user in the system's browser: ``NativeApp/beginBrowserLogin(_:_:)``.
///
/// It ends when the user comes back, by ``cancel()``, at its time limit, and when nobody holds it any more. Its port is free
/// again before the outcome is known.
public final class BrowserLogin: Sendable, Redacted {
    /// Where the browser goes: to be shown to the user where no browser could be opened.
    public let url: URL

    private let native: GrantlineGenerated.BrowserLogin
    private let calls: LoginCalls<GrantlineGenerated.NativeApp>
    private let isOpenedByHand: Bool

    init(
        _ native: GrantlineGenerated.BrowserLogin, _ calls: LoginCalls<GrantlineGenerated.NativeApp>,
        isOpenedByHand: Bool
    ) throws {
        guard let url = URL(string: native.url()) else {
            throw GrantlineError(broken: "Foundation cannot hold the authorization URL")
        }
        self.url = url
        self.native = native
        self.calls = calls
        self.isOpenedByHand = isOpenedByHand
    }

    /// Whether a browser was opened, once that is known: within a few seconds.
    ///
    /// - Throws: `CancellationError` if the task was cancelled.
    public func browserOpened() async throws -> Bool {
        if isOpenedByHand { return true }
        return try await cancellable { [native] in try await native.browserOpened(cancellation: $0) }
    }

    /// Takes the URL that the user copied from the browser's address bar: over SSH the browser is on another machine, and
    /// finds nobody at the redirect URI.
    ///
    /// - Throws: a violation, if it is not this login's answer, which may still come.
    public func paste(_ redirectedURL: String) throws {
        try translatingErrors { try native.paste(redirectedUrl: redirectedURL) }
    }

    /// Ends the login. Its outcome is the error `cancelled`, unless it has one.
    public func cancel() {
        native.cancel()
    }

    /// Waits for the session. It may be asked for more than once; a task that is cancelled ends its waiting alone.
    ///
    /// - Throws: `login_timed_out`, when nobody came back in time; the server's refusal, such as `access_denied`; whatever
    ///   ``NativeApp/completeLogin(_:callback:)`` throws; `cancelled`.
    public func outcome() async throws -> LoggedIn {
        try await calls.complete { [native] in try await native.outcome(cancellation: $1) }
    }

    public var description: String { "BrowserLogin(redacted)" }
}

@Sendable func printURL(_ url: URL) {
    FileHandle.standardError.write(Data("Open this URL in a browser to log in: \(url.absoluteString)\n".utf8))
}

/// How a login in the system's browser goes about it.
public struct BrowserLoginOptions: Sendable {
    /// How long to wait for the user to come back; 5 minutes unless given, 10 at most.
    public var timeLimit: Duration?
    /// The port to listen on instead of the redirect URI's, 0 for any free one. The provider has to accept it.
    public var port: UInt16?
    /// Whether a browser is opened at all.
    public var opensBrowser = true
    /// Opens the browser instead of the system's way, called by whoever begins the login. What it throws ends the login.
    public var openWith: (@Sendable (URL) throws -> Void)?
    /// Shows the URL to the user where no browser could be opened, for ``NativeApp/logInWithBrowser(_:_:)``, instead of a line
    /// on standard error. An application whose standard error nobody reads needs it.
    public var showURL: (@Sendable (URL) -> Void)?
    /// What the browser shows when the user is logged in.
    public var donePage: LoginPage?
    /// What the browser shows when the login failed, for whatever reason.
    public var failedPage: LoginPage?

    /// The settings that are right for most, with a way to show the URL where no browser could be opened.
    public init(showURL: (@Sendable (URL) -> Void)? = nil) {
        self.showURL = showURL
    }
}

/// A page of the application's own. It is shown under a policy that lets it load nothing: no script, and no style, picture or
/// font but what stands in it.
public enum LoginPage: Sendable, Equatable {
    /// A title and a message as plain text, in grantline's own layout. The language is a BCP 47 tag, such as `nb`.
    case text(language: String, title: String, message: String)
    /// A whole HTML document, sent as it is: what is put into it has to be escaped before.
    case html(String)
}

extension BrowserLoginOptions {
    var native: GrantlineGenerated.BrowserLoginOptions {
        GrantlineGenerated.BrowserLoginOptions(
            timeLimitMs: timeLimit.map(\.wholeMilliseconds), port: port,
            openBrowser: opensBrowser && openWith == nil, donePage: donePage.map(\.native),
            failedPage: failedPage.map(\.native))
    }
}

extension LoginPage {
    fileprivate var native: GrantlineGenerated.LoginPage {
        switch self {
        case .text(let language, let title, let message): .text(language: language, title: title, message: message)
        case .html(let document): .html(document: document)
        }
    }
}
