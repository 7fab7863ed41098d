package dev.grantline

import dev.grantline.ffi.verifyWebhook
import dev.grantline.ffi.WebhookEvent as NativeEvent

/**
 * What Visma's Developer Portal tells of an application.
 *
 * @property name what happened: `tenant_application_added`, or something that this release does not know, as the portal
 *   names it
 * @property tenantId with `tenant_application_added`, the customer whose administrator approved the application, which may
 *   ask for service tokens of this tenant from now on, or a minute or two later; `null` with anything else
 */
public class WebhookEvent private constructor(private val native: NativeEvent) {
    public val name: String? = native { native.name() }
    public val tenantId: String? = native { native.tenantId() }

    /** The whole notice: each member a [String], [Long], [Double], [Boolean], [List] or [Map]. */
    public val members: Map<String, Any?> get() = native { native.members() }.plain()

    override fun toString(): String = "WebhookEvent(name=$name, tenantId=$tenantId)"

    public companion object {
        /**
         * Verifies that a notice came from the portal, and reads it. The signature is compared in constant time.
         *
         * @param secret of the webhook, from the portal
         * @param body byte for byte as it arrived
         * @param signature the header's value, the HMAC-SHA256 of the body in base64; empty if there was none
         * @throws ServerMisbehavedException `webhook_signature_invalid`, `webhook_malformed`
         */
        @JvmStatic
        public fun verify(secret: String, body: ByteArray, signature: String): WebhookEvent =
            WebhookEvent(native { verifyWebhook(secret, body, signature) })
    }
}
