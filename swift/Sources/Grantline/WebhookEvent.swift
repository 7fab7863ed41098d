import Foundation
internal import GrantlineGenerated

/// What Visma's Developer Portal tells of an application.
public struct WebhookEvent: Sendable, Redacted {
    private let native: GrantlineGenerated.WebhookEvent

    /// Verifies that a notice came from the portal, and reads it. The signature is compared in constant time.
    ///
    /// - Parameters:
    ///   - body: byte for byte as it arrived.
    ///   - signature: the header's value, the HMAC-SHA256 of the body in base64; empty if there was none.
    ///   - secret: of the webhook, from the portal.
    /// - Throws: `webhook_signature_invalid`, `webhook_malformed`.
    public init(verifying body: Data, signature: String, secret: String) throws {
        native = try translatingErrors {
            try verifyWebhook(secret: secret, body: body, signature: signature)
        }
    }

    /// What happened: `tenant_application_added`, or something that this release does not know, as the portal names it.
    public var name: String? { native.name() }

    /// With `tenant_application_added`, the customer whose administrator approved the application, which may ask for service
    /// tokens of this tenant from now on, or a minute or two later; `nil` with anything else.
    public var tenantID: String? { native.tenantId() }

    /// The whole notice.
    public var members: [String: JSONValue] { native.members().mapValues(JSONValue.init) }

    public var description: String { "WebhookEvent(name: \(name ?? "none"), tenantID: \(tenantID ?? "none"))" }
}
