internal import GrantlineGenerated

/// What came back from the browser, as it came: decoding it first would hide repeated parameters. A secret.
public struct Callback: Sendable, Redacted {
    let native: GrantlineGenerated.LoginCallback

    /// The whole URL that the operating system or a listener handed over.
    public static func url(_ url: String) -> Callback { Callback(native: .url(url: url)) }

    /// The raw query string, with or without its question mark.
    public static func query(_ query: String) -> Callback { Callback(native: .query(query: query)) }

    /// The raw body of a `form_post`, `application/x-www-form-urlencoded`.
    public static func formPost(_ body: String) -> Callback { Callback(native: .formPost(body: body)) }

    /// The state that it names, by which its pending login is found. Nothing is checked yet.
    public var state: String? { native.state() }

    public var description: String { "Callback(redacted)" }
}
