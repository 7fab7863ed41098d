"""grantline's main job from Python: a service token for a tenant, and a user's login from start to end.

It talks to the emulator whose URL is in GRANTLINE_EMULATOR_URL, and ends with 0 only if all of it worked.
"""

from __future__ import annotations

import asyncio
import os
import sys

from grantline import AccessToken, Binding, Callback, GrantlineError, Provider, ServiceApp, TenantChoice, WebApp
from scripted_browser import ScriptedBrowser

FJORD_BAKERY = "11111111-1111-4111-8111-111111111111"


def redacted(token: AccessToken) -> str:
    """Enough of a token to tell two apart."""
    return f"{token.expose_secret()[:4]}… for {' '.join(token.scopes)}, until {token.expires_at:%H:%M:%S} UTC"


def show_service_token(provider: Provider) -> None:
    """A service integration gets a token for one of its customers."""
    app = ServiceApp(provider, "isv_service", client_secret="service-secret")
    token = app.token(TenantChoice.tenant(FJORD_BAKERY), ["visma_api:read"])
    print(f"service token for a tenant:  {redacted(token)}")


async def show_login(provider: Provider) -> None:
    """A web application logs a user in, and refreshes."""
    app = WebApp(
        provider,
        "isv_web",
        client_secret="web:secret+100%25&more",
        redirect_uris=["https://app.example/callback"],
    )
    begun = await app.begin_login_async(
        ["openid", "visma_api:read", "offline_access"], response_mode="form_post", app_data="/invoices"
    )
    if begun.binding is None:
        raise RuntimeError("a web application's login is bound to the browser that begins it")
    print(f"the browser goes to:         {begun.url.split('?')[0]}?…")
    record = begun.pending.to_record()

    arrival = await asyncio.to_thread(ScriptedBrowser().open, begun.url)
    print(f"and comes back to:           {arrival.url.split('?')[0]} with a form")

    callback = Callback.form_post(arrival.body or "")
    cookie = Binding.cookie_header(f"{begun.binding.cookie_name}={begun.binding.expose_value()}")
    done = await app.complete_login_async(begun.pending.from_record(record), callback, cookie)
    first = await done.session.fresh_token_async()
    print(f"logged in, token:            {redacted(first)}; the user goes on to {done.app_data}")

    second = await done.session.refresh_async()
    if second.generation <= first.generation:
        raise RuntimeError("a refresh gives a later token")
    print(f"refreshed, token:            {redacted(second)}")


def main() -> int:
    """Shows both, and says whether they worked."""
    provider = Provider.visma_connect_at(os.environ["GRANTLINE_EMULATOR_URL"])
    try:
        show_service_token(provider)
        asyncio.run(show_login(provider))
    except GrantlineError as error:
        print(f"failed ({error.code}, {error.advice}): {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
