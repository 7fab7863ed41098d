"""Logins whose record waits in the client's store: any process that shares it completes them, each once."""

import asyncio
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from emulator import LOGIN_SCOPES, NATIVE_REDIRECT, Emulator, persistent
from scripted_browser import Arrival, ScriptedBrowser

from grantline import (
    Binding,
    Callback,
    Client,
    LoggedIn,
    SealingKeys,
    ServerMisbehaved,
    Store,
    StoredLogin,
    StoreError,
    WebApp,
)


def callback_of(arrival: Arrival) -> Callback:
    return Callback.url(arrival.url) if arrival.body is None else Callback.form_post(arrival.body)


def cookie_of(begun: StoredLogin) -> Binding:
    assert begun.binding is not None
    return Binding.cookie_header(begun.binding.set_cookie().split(";")[0])


@pytest.mark.parametrize("response_mode", ["query", "form_post"])
def test_a_login_is_completed_by_another_client_on_the_same_store(
    emulator: Emulator, tmp_path: Path, response_mode: Any
) -> None:
    with persistent(tmp_path) as one:
        begun = emulator.web_app(one).begin_stored_login(
            LOGIN_SCOPES, response_mode=response_mode, app_data="/invoices/7"
        )
    left = begun.expires_at - datetime.now(timezone.utc)
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    arrival = ScriptedBrowser().open(begun.url)
    assert (arrival.body is None) == (response_mode == "query")
    with persistent(tmp_path) as other:
        done = emulator.web_app(other).complete_stored_login(callback_of(arrival), cookie_of(begun))
        assert done.app_data == "/invoices/7"
        assert done.identity is not None and done.identity.issuer == emulator.url
        assert done.session.fresh_token().generation == 1


def test_two_processes_with_the_same_callback_log_in_once(visma: Emulator, place: str) -> None:
    async def complete(app: WebApp) -> LoggedIn:
        return await app.complete_stored_login_async(callback, cookie_of(begun))

    async def at_once() -> list[LoggedIn | BaseException]:
        return list(await asyncio.gather(complete(one), complete(other), return_exceptions=True))

    one, other = visma.web_app(persistent(place)), visma.web_app(persistent(place))
    begun = asyncio.run(begin(one))
    callback = callback_of(ScriptedBrowser().open(begun.url))
    outcomes = asyncio.run(at_once())
    (done,) = [outcome for outcome in outcomes if isinstance(outcome, LoggedIn)]
    (refused,) = [outcome for outcome in outcomes if isinstance(outcome, ServerMisbehaved)]
    # The other either came before the first was through, or found nothing any more.
    assert refused.code in ("callback_already_used", "login_unknown")
    assert done.session.refresh().generation == 2


async def begin(app: WebApp) -> StoredLogin:
    return await app.begin_stored_login_async(LOGIN_SCOPES)


def test_an_attacker_s_own_callback_in_another_browser_is_refused(visma: Emulator) -> None:
    app = visma.web_app()
    attackers, victims = app.begin_stored_login(LOGIN_SCOPES), app.begin_stored_login(LOGIN_SCOPES)
    callback = callback_of(ScriptedBrowser().open(attackers.url))
    for binding in (cookie_of(victims), Binding.cookie_header("")):
        with pytest.raises(ServerMisbehaved) as refused:
            app.complete_stored_login(callback, binding)
        assert (refused.value.code, refused.value.advice) == ("browser_mismatch", "log_in_again")
    # It was not used up: the right browser may still come.
    assert app.complete_stored_login(callback, cookie_of(attackers)).session.fresh_token()


def test_a_callback_that_belongs_to_no_login_is_refused(visma: Emulator) -> None:
    app = visma.web_app()
    begun = app.begin_stored_login(LOGIN_SCOPES)
    callback = callback_of(ScriptedBrowser().open(begun.url))
    app.complete_stored_login(callback, cookie_of(begun))
    for unknown in (callback, Callback.query("code=stolen&state=guessed")):
        with pytest.raises(ServerMisbehaved) as refused:
            app.complete_stored_login(unknown, cookie_of(begun))
        assert (refused.value.code, refused.value.advice) == ("login_unknown", "log_in_again")


def test_a_native_application_needs_no_cookie(visma: Emulator) -> None:
    async def log_in() -> LoggedIn:
        begun = await app.begin_stored_login_async(LOGIN_SCOPES, redirect_uri=NATIVE_REDIRECT)
        assert begun.binding is None
        arrival = await asyncio.to_thread(ScriptedBrowser().open, begun.url)
        return await app.complete_stored_login_async(Callback.url(arrival.url))

    app = visma.native_app()
    assert asyncio.run(log_in()).session.fresh_token().generation == 1
    begun = app.begin_stored_login(LOGIN_SCOPES, redirect_uri=NATIVE_REDIRECT)
    callback = Callback.url(ScriptedBrowser().open(begun.url).url)
    assert app.complete_stored_login(callback).session.fresh_token().generation == 1


def test_a_store_that_cannot_be_reached_begins_no_login(visma: Emulator) -> None:
    store = Store.redis("redis://127.0.0.1:1/0")
    with (
        Client(store=store, sealing_keys=SealingKeys.dangerous_plaintext()) as client,
        pytest.raises(StoreError) as refused,
    ):
        visma.web_app(client).begin_stored_login(LOGIN_SCOPES)
    assert refused.value.code == "store_unavailable"


def test_it_prints_neither_state_nor_cookie(visma: Emulator) -> None:
    begun = visma.web_app().begin_stored_login(LOGIN_SCOPES)
    assert repr(begun) == "<grantline.StoredLogin (redacted)>"
    assert begun.binding is not None and begun.binding.expose_value() not in repr(begun.binding)
    with pytest.raises(TypeError, match=r"begin_stored_login\(\) got an unexpected keyword argument 'scope'"):
        visma.web_app().begin_stored_login(LOGIN_SCOPES, scope="openid")  # type: ignore[call-arg]
