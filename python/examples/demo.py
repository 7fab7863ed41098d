"""grantline's main job from Python: a service token for a tenant, a user's login from start to end, and a restart.

It talks to the emulator whose URL is in GRANTLINE_EMULATOR_URL, and ends with 0 only if all of it worked. Called with a
folder, it is the second process, which goes on with the session of the first.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
from grantline import (
    AccessToken,
    Binding,
    Callback,
    Client,
    GrantlineError,
    Provider,
    SealingKeys,
    ServiceApp,
    Store,
    TenantChoice,
    WebApp,
)
from grantline.httpx import ApiAuth
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


def web_app(provider: Provider, client: Client) -> WebApp:
    """The web application that anna logs in to."""
    return WebApp(
        provider,
        "isv_web",
        client_secret="web:secret+100%25&more",
        redirect_uris=["https://app.example/callback"],
        client=client,
    )


def open_client(folder: Path) -> Client:
    """A client whose sessions outlive the process: in a file, sealed with the key of another."""
    return Client(
        store=Store.sqlite(folder / "sessions.db"), sealing_keys=SealingKeys.from_file(folder / "sealing.key")
    )


async def show_login(provider: Provider, folder: Path) -> None:
    """A web application logs a user in, and refreshes."""
    async with open_client(folder) as client:
        app = web_app(provider, client)
        begun = await app.begin_login_async(
            ["openid", "visma_api:read", "offline_access"],
            response_mode="form_post",
            session_id="anna's",
            app_data="/invoices",
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


def show_restart(folder: Path) -> None:
    """The same program, started again."""
    print("the process ends:            another one opens the same folder", flush=True)
    subprocess.run([sys.executable, __file__, str(folder)], check=True)


def go_on(provider: Provider, folder: Path) -> None:
    """The second process knows the folder, and the name of the session."""
    with open_client(folder) as client:
        session = web_app(provider, client).session("anna's")
        token = session.fresh_token()
        print(f"it goes on with:             {redacted(token)}, rotation {token.generation} of the grant")
        with httpx.Client(auth=ApiAuth(session, [provider.issuer]), base_url=provider.issuer) as http:
            answer = http.get("/api/invoices").raise_for_status().json()
        print(f"the API answers:             {len(answer['invoices'])} invoices of {answer['tenant_name']}")
        print(f"refreshed, token:            {redacted(session.refresh())}")
        print(f"logged out, revocation:      {session.end().outcome}")


def show_all(provider: Provider) -> None:
    """Both processes."""
    show_service_token(provider)
    with tempfile.TemporaryDirectory() as folder:
        SealingKeys.create_file(Path(folder, "sealing.key"))
        asyncio.run(show_login(provider, Path(folder)))
        show_restart(Path(folder))


def main(arguments: list[str]) -> int:
    """Shows it, and says whether it worked."""
    provider = Provider.visma_connect_at(os.environ["GRANTLINE_EMULATOR_URL"])
    try:
        if arguments:
            go_on(provider, Path(arguments[0]))
        else:
            show_all(provider)
    except GrantlineError as error:
        print(f"failed ({error.code}, {error.advice}): {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
