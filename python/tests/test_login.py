"""Logins from start to end, at the emulator in both modes, with a scripted browser."""

import asyncio
import json

import pytest
from emulator import LOGIN_SCOPES, NATIVE_REDIRECT, WEB_REDIRECT, Emulator
from scripted_browser import Arrival, ScriptedBrowser

from grantline import (
    BegunLogin,
    Binding,
    Callback,
    MisuseError,
    PendingLogin,
    ServerMisbehaved,
    ServerRefused,
    Session,
)


def callback_of(arrival: Arrival) -> Callback:
    return Callback.url(arrival.url) if arrival.body is None else Callback.form_post(arrival.body)


def cookie_of(begun: BegunLogin) -> Binding:
    assert begun.binding is not None
    return Binding.cookie_header(f"theme=dark; {begun.binding.set_cookie().split(';')[0]}")


def web_session(emulator: Emulator) -> Session:
    app = emulator.web_app()
    begun = app.begin_login(LOGIN_SCOPES)
    callback = callback_of(ScriptedBrowser().open(begun.url))
    return app.complete_login(begun.pending, callback, cookie_of(begun)).session


@pytest.mark.parametrize("response_mode", ["query", "form_post"])
def test_a_web_login_with_either_response_mode(emulator: Emulator, response_mode: str) -> None:
    app = emulator.web_app()
    begun = app.begin_login(
        LOGIN_SCOPES,
        response_mode=response_mode,  # type: ignore[arg-type]  # a parameter of the test
        app_data="/invoices/7",
    )
    # Between the two requests of a web application there is nothing but the record.
    pending = PendingLogin.from_record(begun.pending.to_record())
    arrival = ScriptedBrowser().open(begun.url)
    assert (arrival.body is None) == (response_mode == "query")

    callback = callback_of(arrival)
    assert callback.state == pending.state
    app.check_callback(pending, callback, cookie_of(begun))
    done = app.complete_login(pending, callback, cookie_of(begun))

    assert done.app_data == "/invoices/7"
    assert done.session.fresh_token().generation == 1
    assert "visma_api:read" in done.session.fresh_token().scopes


def test_a_web_login_in_asyncio(emulator: Emulator) -> None:
    async def log_in() -> None:
        app = emulator.web_app()
        begun = await app.begin_login_async(LOGIN_SCOPES, response_mode="form_post", session_id="user-7")
        arrival = await asyncio.to_thread(ScriptedBrowser().open, begun.url)
        done = await app.complete_login_async(begun.pending, callback_of(arrival), cookie_of(begun))
        assert done.session.id == "user-7"
        first = await app.session("user-7").fresh_token_async()
        second = await done.session.refresh_async()
        assert (first.generation, second.generation) == (1, 2)

    asyncio.run(log_in())


def test_a_native_login_on_a_loopback_port_of_the_moment(emulator: Emulator) -> None:
    app = emulator.native_app()
    begun = app.begin_login(LOGIN_SCOPES, redirect_uri=NATIVE_REDIRECT, prompt="login", max_age=300)
    assert begun.binding is None
    assert begun.pending.redirect_uri == NATIVE_REDIRECT
    callback = Callback.url(ScriptedBrowser().open(begun.url).url)
    app.check_callback(begun.pending, callback)
    done = app.complete_login(begun.pending, callback)
    assert done.session.fresh_token().generation == 1


def test_a_native_login_in_asyncio(emulator: Emulator) -> None:
    async def log_in() -> None:
        app = emulator.native_app()
        begun = await app.begin_login_async(LOGIN_SCOPES, redirect_uri=NATIVE_REDIRECT)
        arrival = await asyncio.to_thread(ScriptedBrowser().open, begun.url)
        done = await app.complete_login_async(begun.pending, Callback.url(arrival.url))
        assert (await done.session.refresh_async()).generation == 2

    asyncio.run(log_in())


def test_each_refresh_gives_a_later_token_and_the_next_one_works(emulator: Emulator) -> None:
    session = web_session(emulator)
    generations = [session.refresh().generation for _ in range(3)]
    assert generations == [2, 3, 4]
    assert session.fresh_token().generation == 4


def test_a_user_who_refuses_is_a_typed_error(emulator: Emulator) -> None:
    app = emulator.web_app()
    begun = app.begin_login(LOGIN_SCOPES, prompt="consent")
    arrival = ScriptedBrowser(consents=False).open(begun.url)
    with pytest.raises(ServerRefused) as refused:
        app.complete_login(begun.pending, callback_of(arrival), cookie_of(begun))
    assert refused.value.error == "access_denied"
    assert refused.value.advice == "log_in_again"
    assert refused.value.status is None


def test_rejects_a_callback_that_comes_twice(emulator: Emulator) -> None:
    app = emulator.web_app()
    begun = app.begin_login(LOGIN_SCOPES)
    callback = callback_of(ScriptedBrowser().open(begun.url))
    app.complete_login(begun.pending, callback, cookie_of(begun))
    before = len(emulator.requests("isv_web"))
    with pytest.raises(ServerMisbehaved) as refused:
        app.complete_login(begun.pending, callback, cookie_of(begun))
    assert refused.value.code == "callback_already_used"
    assert refused.value.advice == "log_in_again"
    assert len(emulator.requests("isv_web")) == before


def test_rejects_a_callback_from_another_browser(emulator: Emulator) -> None:
    app = emulator.web_app()
    begun, others = app.begin_login(LOGIN_SCOPES), app.begin_login(LOGIN_SCOPES)
    callback = callback_of(ScriptedBrowser().open(begun.url))
    for binding in (cookie_of(others), Binding.cookie_header(""), Binding.cookie_value("guessed")):
        with pytest.raises(ServerMisbehaved) as refused:
            app.complete_login(begun.pending, callback, binding)
        assert refused.value.code == "browser_mismatch"
    # It was not used up: the right browser may still come.
    assert app.complete_login(begun.pending, callback, cookie_of(begun)).session.fresh_token()


def test_rejects_a_callback_of_another_login(emulator: Emulator) -> None:
    app = emulator.web_app()
    begun, other = app.begin_login(LOGIN_SCOPES), app.begin_login(LOGIN_SCOPES)
    callback = callback_of(ScriptedBrowser().open(other.url))
    before = len(emulator.requests("isv_web"))
    with pytest.raises(ServerMisbehaved) as refused:
        app.complete_login(begun.pending, callback, cookie_of(begun))
    assert refused.value.code == "state_mismatch"
    assert len(emulator.requests("isv_web")) == before


def test_rejects_a_record_of_another_client_and_one_that_was_changed(emulator: Emulator) -> None:
    begun = emulator.native_app().begin_login(LOGIN_SCOPES, redirect_uri=NATIVE_REDIRECT)
    callback = Callback.query(f"code=x&state={begun.pending.state}")
    with pytest.raises(MisuseError) as refused:
        emulator.web_app().complete_login(begun.pending, callback, Binding.cookie_value("x"))
    assert refused.value.code == "login_of_another_client"
    record = begun.pending.to_record()
    assert json.loads(record)["v"] == 1
    for changed, code in [(record[:-9], "record_malformed"), (record.replace('"v":1', '"v":2'), "record_too_new")]:
        with pytest.raises(MisuseError) as unread:
            PendingLogin.from_record(changed)
        assert unread.value.code == code


def test_a_session_that_nobody_began_asks_for_a_login(visma: Emulator) -> None:
    app = visma.web_app()
    with pytest.raises(ServerRefused) as refused:
        app.session("nobody").fresh_token()
    assert (refused.value.code, refused.value.advice) == ("session_unknown", "log_in_again")
    assert refused.value.error is None
    assert WEB_REDIRECT not in str(refused.value)
