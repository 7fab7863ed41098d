internal import GrantlineGenerated

/// A login to begin. Everything but the scopes may be left out.
///
/// It prints its scopes only: the rest may say who logs in, and what the application is about.
public struct LoginRequest: Sendable, Redacted {
    /// How the answer comes back.
    public enum ResponseMode: Sendable {
        /// In the query of the redirect URI: the default of the code flow.
        case query
        /// As a form that the browser posts to the redirect URI: Visma Connect's advice for web applications. It is a
        /// cross-site POST, so cookies reach it only with `SameSite=None; Secure`.
        case formPost
    }

    /// What the server shall make the user do (OpenID Connect Core section 3.1.2.1).
    public enum Prompt: Sendable {
        /// `none`: answer at once, or with an error.
        case noInteraction
        /// Log in again.
        case login
        /// Consent again.
        case consent
        /// Choose an account.
        case selectAccount
    }

    /// The scopes to ask for. With `openid` the login also says who logged in; with `offline_access` the session
    /// outlives its first access token.
    public var scopes: Scopes
    /// Which of the registration's redirect URIs to use; needed where it has several. On loopback the port may differ
    /// from the registered one (RFC 8252 section 7.3).
    public var redirectURI: String?
    /// How the answer comes back.
    public var responseMode: ResponseMode?
    /// What the user shall have to do.
    public var prompts: [Prompt] = []
    /// Who is expected to log in: fills the name in on the login page.
    public var loginHint: String?
    /// How long ago, in whole seconds, the user may have authenticated.
    public var maxAge: Duration?
    /// The authentication contexts of which one has to be reached, separated by spaces: `urn:idp:vismaconnect:mfa` for a
    /// second factor at Visma Connect.
    public var acrValues: String?
    /// The same, and a login that reaches none of them is taken all the same: judge by the claims `acr` and `amr`.
    /// Beside ``acrValues`` it has no effect.
    public var preferACRValues: String?
    /// The languages of the login page by preference, as BCP 47 tags separated by spaces.
    public var uiLocales: String?
    /// The tenant that the user is expected to choose (Visma Connect).
    public var tenantHint: String?
    /// The APIs that the tokens are for (RFC 8707).
    public var resources: [String] = []
    /// Further parameters that the provider understands, as names and values.
    public var parameters: [(name: String, value: String)] = []
    /// The name under which the session is kept: the application's own id of it, up to 256 bytes. Without one a name is
    /// generated.
    public var sessionID: String?
    /// Text of the application that the completed login gives back: where to go next, which customer. It is kept in the
    /// pending login and never sent.
    public var appData: String?
    /// How long the user may take at the provider, in whole seconds: 10 minutes unless set, 30 s to a day.
    public var expiresAfter: Duration?
    /// Leaves the proof key out, for a server that refuses its parameters. Only a confidential web application can ask
    /// for it, and it makes code injection possible (RFC 9700 section 4.5).
    public var dangerousWithoutPKCE = false

    /// A login that asks for these scopes.
    public init(
        scopes: Scopes, redirectURI: String? = nil, responseMode: ResponseMode? = nil, sessionID: String? = nil,
        appData: String? = nil
    ) {
        self.scopes = scopes
        self.redirectURI = redirectURI
        self.responseMode = responseMode
        self.sessionID = sessionID
        self.appData = appData
    }

    public var description: String { "LoginRequest(scopes: \(scopes))" }
}

extension LoginRequest {
    var native: GrantlineGenerated.LoginRequest {
        GrantlineGenerated.LoginRequest(
            scopes: scopes.native, redirectUri: redirectURI, responseMode: responseMode.map(\.native),
            prompts: prompts.map(\.native), loginHint: loginHint,
            maxAgeS: maxAge.map { UInt64(clamping: $0.components.seconds) },
            expiresAfterS: expiresAfter.map { UInt64(clamping: $0.components.seconds) }, acrValues: acrValues,
            preferAcrValues: preferACRValues, uiLocales: uiLocales, tenantHint: tenantHint, resources: resources,
            parameters: parameters.map { LoginParameter(name: $0.name, value: $0.value) }, session: sessionID,
            appData: appData, dangerousWithoutPkce: dangerousWithoutPKCE)
    }
}

extension LoginRequest.ResponseMode {
    fileprivate var native: GrantlineGenerated.ResponseMode {
        switch self {
        case .query: .query
        case .formPost: .formPost
        }
    }
}

extension LoginRequest.Prompt {
    fileprivate var native: GrantlineGenerated.Prompt {
        switch self {
        case .noInteraction: .noInteraction
        case .login: .login
        case .consent: .consent
        case .selectAccount: .selectAccount
        }
    }
}
