"""The Python of docs/web.md, run as the page has it: each request's part with what that request brings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from emulator import LOGIN_SCOPES, WEB_REDIRECT, Emulator
from notices import WEBHOOK_SECRET, Notifier, notifier
from scripted_browser import ScriptedBrowser
from test_logout import LANDING, logged_in

import grantline

PAGE = Path(__file__).parents[2] / "docs" / "web.md"
SAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
LOGIN, LOGOUT, NOTICE, WEBHOOK = SAMPLES
APPROVED = "99999999-9999-4999-8999-999999999999"


def run(sample: str, **names: Any) -> dict[str, Any]:
    """What the sample's names are afterwards. It sees these, and those of the package."""
    known = {**vars(grantline), **names}
    exec(compile(sample, PAGE, "exec"), known)
    return known


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Notifier]:
    with notifier(tmp_path) as running:
        yield running


def test_a_login_goes_out_and_comes_back(emulator: Emulator) -> None:
    app = emulator.web_app()
    begin, complete = LOGIN.split("\n\n")
    headers = run(begin, app=app, scopes=LOGIN_SCOPES)["headers"]
    arrived = ScriptedBrowser().open(headers["Location"])
    assert (arrived.url, arrived.body is None) == (WEB_REDIRECT, False)
    cookie = headers["Set-Cookie"].split(";")[0]
    done = run(complete, app=app, body=arrived.body, cookies=cookie)["done"]
    assert done.app_data == "/invoices"
    assert done.session.fresh_token()


def test_a_logout_ends_at_the_provider_and_comes_back_with_its_state(emulator: Emulator) -> None:
    browser = ScriptedBrowser()
    session = logged_in(emulator.web_app(), browser)
    leave, come_back = LOGOUT.split("\n\n")
    asked = run(leave, session=session)
    with pytest.raises(grantline.ServerRefused) as over:
        session.fresh_token()
    assert over.value.code == "session_ended"
    arrived = urlsplit(browser.open(asked["location"]).url)
    assert arrived._replace(query="").geturl() == LANDING
    assert run(come_back, query=arrived.query, state=asked["state"])["is_ours"]
    for query in ("", "state=guessed"):
        assert not run(come_back, query=query, state=asked["state"])["is_ours"]


def test_the_provider_is_answered_200_for_its_logout_token_and_400_for_any_other(told: Notifier) -> None:
    app = told.emulator.web_app()
    identity = logged_in(app, ScriptedBrowser()).identity()
    assert identity is not None
    answer = run(NOTICE, app=app, body=told.ends_sessions())
    assert (answer["status"], answer["notice"].session_id) == (200, identity.session_id)
    logged_in(app, ScriptedBrowser())
    for body in ("", told.ends_sessions(fault="broken-signature")):
        assert run(NOTICE, app=app, body=body)["status"] == 400


def test_a_tenant_that_approves_is_told(told: Notifier) -> None:
    approved: list[str] = []
    webhook = told.approves(APPROVED)
    told_by = {"secret": WEBHOOK_SECRET, "body": webhook.body, "signature": webhook.signature}
    run(WEBHOOK, approved=approved.append, **told_by)
    assert approved == [APPROVED]
