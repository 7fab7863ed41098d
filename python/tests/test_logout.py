"""The end of a user's session at the provider: asked for here, or told by the provider."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from emulator import LOGIN_SCOPES, Emulator
from notices import Notifier, notifier
from scripted_browser import ScriptedBrowser

from grantline import (
    Binding,
    Callback,
    LogoutNotice,
    Provider,
    ServerMisbehaved,
    ServerRefused,
    Session,
    TransportError,
    WebApp,
)

LANDING = "https://app.example/"


def logged_in(app: WebApp, browser: ScriptedBrowser, scopes: list[str] = LOGIN_SCOPES) -> Session:
    begun = app.begin_stored_login(scopes)
    assert begun.binding is not None
    callback = Callback.url(browser.open(begun.url).url)
    return app.complete_stored_login(callback, Binding.cookie_value(begun.binding.expose_value())).session


def test_a_logout_ends_the_session_here_and_the_browser_s_at_the_provider(emulator: Emulator) -> None:
    browser = ScriptedBrowser()
    session = logged_in(emulator.web_app(), browser)
    begun = session.begin_logout(post_logout_redirect_uri=LANDING, ui_locales="nb en")
    assert begun.revocation.outcome == "done"
    with pytest.raises(ServerRefused) as over:
        session.fresh_token()
    assert over.value.code == "session_ended"

    assert begun.redirect.url is not None
    asked = parse_qs(urlsplit(begun.redirect.url).query)
    assert (asked["client_id"], asked["ui_locales"]) == (["isv_web"], ["nb en"])
    arrived = browser.open(begun.redirect.url).url
    assert arrived.startswith(LANDING)
    assert begun.redirect.is_answered_by(Callback.url(arrived))
    assert Callback.url(arrived).state == begun.redirect.state
    assert not begun.redirect.is_answered_by(Callback.url(LANDING + "?state=guessed"))
    assert not begun.redirect.is_answered_by(Callback.url(LANDING))


def test_a_logout_in_asyncio_without_a_way_back(visma: Emulator) -> None:
    async def log_out() -> None:
        begun = await session.begin_logout_async()
        assert begun.redirect.url is not None
        assert "state=" not in begun.redirect.url
        assert "id_token_hint" not in begun.redirect.url

    session = logged_in(visma.web_app(), ScriptedBrowser(), ["visma_api:read"])
    asyncio.run(log_out())


def test_r194_a_logout_whose_provider_cannot_be_reached_has_no_url_and_says_why(visma: Emulator) -> None:
    app = WebApp(
        Provider.discover("http://127.0.0.1:1"),
        "isv_web",
        client_secret="web-secret",
        redirect_uris=["https://app.example/callback"],
    )
    begun = app.session("nobody").begin_logout()
    assert (begun.revocation.outcome, begun.redirect.url) == ("nothing_to_revoke", None)
    failure = begun.redirect.failure
    assert isinstance(failure, TransportError) and failure.code == "connect_failed"
    assert logged_in(visma.web_app(), ScriptedBrowser()).begin_logout().redirect.failure is None


def test_what_a_logout_prints_has_no_id_token(visma: Emulator) -> None:
    begun = logged_in(visma.web_app(), ScriptedBrowser()).begin_logout(post_logout_redirect_uri=LANDING)
    assert repr(begun) == "<grantline.BegunLogout (redacted)>"
    assert repr(begun.redirect) == "<grantline.LogoutRedirect (redacted)>"


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Notifier]:
    with notifier(tmp_path) as running:
        yield running


def test_the_provider_tells_which_session_is_over(told: Notifier) -> None:
    app = told.emulator.web_app()
    session = logged_in(app, ScriptedBrowser())
    identity = session.identity()
    assert identity is not None
    form = told.ends_sessions()
    notice = app.check_logout_notice(form)
    assert (notice.subject, notice.session_id) == (identity.subject, identity.session_id)
    assert abs(notice.issued_at - datetime.now(timezone.utc)) < timedelta(minutes=1)
    assert identity.session_id is not None and identity.session_id not in repr(notice)
    with pytest.raises(ServerMisbehaved) as repeated:
        app.check_logout_notice(form)
    assert repeated.value.code == "logout_token_repeated"


def test_it_is_told_in_asyncio_too(told: Notifier) -> None:
    async def check() -> LogoutNotice:
        return await app.check_logout_notice_async(form)

    app = told.emulator.web_app()
    logged_in(app, ScriptedBrowser())
    form = told.ends_sessions()
    assert asyncio.run(check()).subject


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("broken-signature", "id_token_signature_invalid"),
        ("wrong-issuer", "id_token_issuer_mismatch"),
        ("with-nonce", "logout_token_of_another_kind"),
        ("no-subject-and-session", "logout_token_names_nobody"),
    ],
)
def test_a_wrong_logout_token_ends_nothing(told: Notifier, fault: str, code: str) -> None:
    app = told.emulator.web_app()
    session = logged_in(app, ScriptedBrowser())
    form = told.ends_sessions(fault=fault)
    with pytest.raises(ServerMisbehaved) as refused:
        app.check_logout_notice(form)
    assert refused.value.code == code
    assert session.fresh_token()


def test_a_post_without_a_token_is_refused(visma: Emulator) -> None:
    for form in ("", "logout_token=a&logout_token=b", "token=a"):
        with pytest.raises(ServerMisbehaved) as refused:
            visma.web_app().check_logout_notice(form)
        assert refused.value.code == "logout_token_missing"
