"""An OAuth 2.x and OpenID Connect client whose grants are never lost.

An operation that may wait has two names: ``token(...)`` blocks the thread and lets others run meanwhile,
``await token_async(...)`` waits in asyncio. Both work on the same objects, from any thread and any event loop.
Cancelling a task, or Ctrl-C, gives up the waiting alone: a refresh that was sent goes on and is saved.

>>> import asyncio, os
>>> from grantline import Provider, ServiceApp, TenantChoice
>>> provider = Provider.visma_connect_at(os.environ["GRANTLINE_EMULATOR_URL"])
>>> app = ServiceApp(provider, "isv_service", client_secret="service-secret")
>>> tenant = TenantChoice.tenant("11111111-1111-4111-8111-111111111111")
>>> async def main():
...     token = await app.token_async(tenant, ["visma_api:read"])
...     return token.generation == app.token(tenant, ["visma_api:read"]).generation
>>> asyncio.run(main())
True
"""

from grantline import _ending as _ending
from grantline._grantline import (
    AccessToken,
    ApiRefusal,
    BegunLogin,
    BegunLogout,
    Binding,
    BrowserBinding,
    BrowserLogin,
    Callback,
    Client,
    Event,
    Events,
    IdTokenClaims,
    IdTokenExpectations,
    Inspection,
    Introspection,
    LoggedIn,
    LoginApp,
    LoginPage,
    LogoutNotice,
    LogoutRedirect,
    NativeApp,
    PendingLogin,
    Provider,
    Revocation,
    Scopes,
    SealingKeys,
    ServiceApp,
    Session,
    SessionIds,
    SinglePageApp,
    Store,
    StoredLogin,
    TenantChoice,
    TokenSource,
    UserInfo,
    WebApp,
    WebhookEvent,
    check_id_token,
    check_logout_token,
    inspect,
    verify_webhook,
)
from grantline.exceptions import (
    Cancelled,
    GrantlineError,
    InternalError,
    MisuseError,
    ServerMisbehaved,
    ServerRefused,
    StoreError,
    TransportError,
    UnsupportedError,
)
from grantline.stores import BlobStore, SharedStore, Snapshot

__all__ = [
    "AccessToken",
    "ApiRefusal",
    "BegunLogin",
    "BegunLogout",
    "Binding",
    "BlobStore",
    "BrowserBinding",
    "BrowserLogin",
    "Callback",
    "Cancelled",
    "Client",
    "Event",
    "Events",
    "GrantlineError",
    "IdTokenClaims",
    "IdTokenExpectations",
    "Inspection",
    "InternalError",
    "Introspection",
    "LoggedIn",
    "LoginApp",
    "LoginPage",
    "LogoutNotice",
    "LogoutRedirect",
    "MisuseError",
    "NativeApp",
    "PendingLogin",
    "Provider",
    "Revocation",
    "Scopes",
    "SealingKeys",
    "ServerMisbehaved",
    "ServerRefused",
    "ServiceApp",
    "Session",
    "SessionIds",
    "SharedStore",
    "SinglePageApp",
    "Snapshot",
    "Store",
    "StoreError",
    "StoredLogin",
    "TenantChoice",
    "TokenSource",
    "TransportError",
    "UnsupportedError",
    "UserInfo",
    "WebApp",
    "WebhookEvent",
    "check_id_token",
    "check_logout_token",
    "inspect",
    "verify_webhook",
]
