"""The web examples, started and used by browsers: what they promise, and what they refuse."""

from __future__ import annotations

import http.client
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from packaging.requirements import Requirement
from web_examples import COOKIE, EXAMPLES, Browser, World, started

BO = "bo@example.com"


@pytest.fixture(scope="module", params=["fastapi", "django"])
def started_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Each of the examples."""
    folder: Path = tmp_path_factory.mktemp(request.param)
    with started(request.param, folder) as world:
        yield world


@pytest.fixture
def world(started_world: World) -> World:
    """With the first process serving, whatever an earlier test did."""
    started_world.serve_by(0)
    return started_world


def user(browser: Browser, world: World) -> str | None:
    page = browser.open(world.base_url + "/")
    assert page.status == 200, page
    found = re.search(r'<strong id="user">([^<]*)<', page.text)
    return found and found.group(1)


def test_a_login_by_form_post_leads_back_to_the_page_that_asked_for_it(world: World) -> None:
    browser = Browser()
    page = browser.log_in(world.base_url + "/invoices")
    assert (page.url, page.status) == (world.base_url + "/invoices", 200)
    assert "1001: Harbour Hotel, 1250.00 NOK" in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert user(browser, world) == "Anna Berg"


def test_another_server_completes_a_login_and_knows_its_session(world: World) -> None:
    browser = Browser()
    callback = browser.log_in_up_to_the_callback(world.base_url + "/login?next=/invoices")
    world.serve_by(1)
    assert "Harbour Hotel" in browser.submit(callback).text
    world.serve_by(0)
    assert user(browser, world) == "Anna Berg"


def test_two_tabs_log_in_side_by_side(world: World) -> None:
    browser = Browser()
    login = world.base_url + "/login?next=/invoices"
    first = browser.log_in_up_to_the_callback(login)
    second = browser.form(browser.open(login))
    assert browser.submit(second).path == "/invoices"
    assert browser.submit(first).path == "/invoices"


def test_a_user_who_cancels_is_told_so_and_may_begin_again(world: World) -> None:
    browser = Browser(cancels=True)
    page = browser.log_in(world.base_url + "/login")
    assert (page.status, page.code) == (403, "access_denied")
    assert "The login was cancelled" in page.text
    browser.cancels = False
    assert browser.log_in(world.base_url + "/login").path == "/"


def test_a_callback_is_taken_once(world: World) -> None:
    browser = Browser()
    callback = browser.log_in_up_to_the_callback(world.base_url + "/login")
    assert browser.submit(callback).status == 200
    again = browser.submit(callback)
    assert (again.status, again.code) == (400, "login_unknown")
    assert user(browser, world) == "Anna Berg"


def test_an_attacker_s_callback_logs_nobody_else_in(world: World) -> None:
    attacker, victim = Browser(BO), Browser()
    callback = attacker.log_in_up_to_the_callback(world.base_url + "/login")
    refused = victim.submit(callback)
    assert (refused.status, refused.code) == (400, "browser_mismatch")
    # A victim who is about to log in has a cookie too, and of another login.
    victim.open(world.base_url + "/login")
    assert victim.submit(callback).code == "browser_mismatch"
    assert user(victim, world) is None
    attacker.submit(callback)
    assert user(attacker, world) == "Bo Lund"


def test_a_callback_by_get_or_of_another_content_type_is_refused_and_the_login_waits_on(world: World) -> None:
    browser = Browser()
    callback = browser.log_in_up_to_the_callback(world.base_url + "/login")
    by_get = browser.open(f"{callback.action}?{urlencode(callback.fields)}")
    assert (by_get.status, by_get.code) == (400, "response_mode_mismatch")
    assert post(world, "/callback", b"{}", "application/json") == 415
    assert post(world, "/callback", b"x" * (128 * 1024 + 1)) in (400, 413)
    assert browser.submit(callback).path == "/"
    bare = browser.open(world.base_url + "/callback")
    assert (bare.status, bare.code) == (400, "state_missing")


@pytest.mark.parametrize(
    "wish", ["https://evil.example/", "//evil.example", "/%5Cevil.example", "/%09/evil.example", "evil"]
)
def test_a_login_leads_to_no_other_site(world: World, wish: str) -> None:
    assert Browser().log_in(f"{world.base_url}/login?next={wish}").url == world.base_url + "/"


def test_a_session_begins_with_a_cookie_that_nobody_knew_before(world: World) -> None:
    browser, planter = Browser(), Browser()
    browser.plant("planted")
    browser.log_in(world.base_url + "/login")
    first = browser.cookie()
    assert first not in (None, "planted")
    browser.log_in(world.base_url + "/login")
    assert browser.cookie() not in (None, first)
    planter.plant("planted")
    assert user(planter, world) is None


def test_a_provider_that_fails_or_says_odd_things_is_told_apart_and_escaped(world: World) -> None:
    browser = Browser()
    odd = '{"error":"<script>alert(1)</script>","error_description":"<b>boo</b>"}'
    callback = browser.log_in_up_to_the_callback(world.base_url + "/login")
    reply_next(world, 400, odd)
    page = browser.submit(callback)
    assert page.status != 200 and "<script>" not in page.text and "boo" not in page.text
    callback = browser.log_in_up_to_the_callback(world.base_url + "/login")
    reply_next(world, 503, "{}")
    assert "Please log in again" in browser.submit(callback).text, "the code is spent"
    assert user(browser, world) is None


def test_a_session_that_is_over_at_the_provider_leads_to_a_login(world: World) -> None:
    browser = Browser()
    world.admin("POST", "lifetimes", {"client_id": "isv_web", "access_token_s": 0})
    try:
        browser.log_in(world.base_url + "/login")
        reply_next(world, 400, '{"error":"invalid_grant"}')
        page = browser.open(world.base_url + "/invoices")
    finally:
        world.admin("POST", "lifetimes", {"client_id": "isv_web", "access_token_s": 3600})
    assert urlsplit(browser.form(page).action).path == "/callback", "the provider knows the user"
    assert "Harbour Hotel" in browser.submit(browser.form(page)).text


def test_a_logout_ends_the_session_here_and_at_the_provider_and_returns(world: World) -> None:
    browser = Browser()
    browser.log_in(world.base_url + "/login")
    cookie = browser.cookie()
    assert cookie is not None
    page = browser.submit(browser.form(browser.open(world.base_url + "/")))
    assert (page.path, page.status) == ("/signed-out", 200)
    assert "state=" in page.url
    assert not browser.cookie()
    browser.plant(cookie)
    assert user(browser, world) is None, "the cookie is worth nothing any more"
    assert "password" in browser.open(world.base_url + "/login").text, "the provider asks again"


def alive(world: World) -> set[int]:
    """The grants that are still good at the provider, by the number of their login."""
    return {grant["id"] for grant in world.admin("GET", "grants")["grants"] if grant["ended"] is None}


def log_in_again(browser: Browser, world: World) -> None:
    browser.submit(browser.form(browser.open(world.base_url + "/login")))


def newest(world: World) -> int:
    return int(max(grant["id"] for grant in world.admin("GET", "grants")["grants"]))


def change(world: World, file: str, statement: str, *values: str) -> None:
    """In a table of the application's, or of its store's."""
    with closing(sqlite3.connect(world.folder / file)) as database, database:
        assert database.execute(statement, values).rowcount > 0


def test_a_login_ends_the_grant_of_the_session_that_it_replaces_and_of_one_whose_time_is_over(world: World) -> None:
    browser, other = Browser(), Browser(BO)
    browser.log_in(world.base_url + "/login")
    first = newest(world)
    other.log_in(world.base_url + "/login")
    second = newest(world)
    log_in_again(browser, world)
    third = newest(world)
    assert alive(world) & {first, second, third} == {second, third}
    assert user(other, world) == "Bo Lund"

    table = {"fastapi": ("portal.db", "UPDATE sessions SET ends_at = 0")}
    django = ("django.db", "UPDATE django_session SET expire_date = '2000-01-01'")
    change(world, *table.get(world.framework, django))
    # A few at a time: there are sessions of other tests.
    for _ in range(20):
        Browser().log_in(world.base_url + "/login")
    assert not alive(world) & {second, third}


def test_a_grant_that_does_not_end_keeps_its_name_and_none_of_the_others_alive(world: World) -> None:
    browser = Browser()
    browser.log_in(world.base_url + "/login")
    before = newest(world)
    for _ in range(2):
        # The same session at the provider, and another one here.
        browser.plant("lost")
        log_in_again(browser, world)
    found = {grant["id"]: grant["sid"] for grant in world.admin("GET", "grants")["grants"]}
    of_this_test = {number for number in found if number >= before}
    (name,) = names_of_newest(world, 3)[-1:]
    change(world, "grantline.db", "UPDATE record SET bytes = x'00' WHERE name = ?", name)
    told = world.admin("POST", "logouts", {"sid": found[before]})["deliveries"]
    assert [delivery["status"] for delivery in told] == [400]
    assert alive(world) & of_this_test == {before}
    assert names_of_newest(world, 3)[:1] == [name], "so that it can be ended yet"


def names_of_newest(world: World, count: int) -> list[str]:
    file, table = ("django.db", "portal_providersession") if world.framework == "django" else ("portal.db", "sessions")
    with closing(sqlite3.connect(world.folder / file)) as database:
        rows = database.execute(f"SELECT grant_id FROM {table} ORDER BY rowid DESC LIMIT ?", (count,))
        return [name for (name,) in rows]


def test_cookies_that_come_in_pieces_are_taken_together(world: World) -> None:
    if world.framework == "django":
        # WSGI has one field: its servers join them.
        return
    browser = Browser()
    browser.log_in(world.base_url + "/login")
    parts = urlsplit(world.base_url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=30)
    with closing(connection):
        connection.putrequest("GET", "/", skip_host=True)
        connection.putheader("Host", parts.netloc)
        connection.putheader("Cookie", "other=1")
        connection.putheader("Cookie", f"{COOKIE}={browser.cookie()}")
        connection.endheaders()
        assert "Anna Berg" in connection.getresponse().read().decode()


def test_another_site_cannot_log_a_user_out(world: World) -> None:
    browser = Browser()
    browser.log_in(world.base_url + "/login")
    form = browser.form(browser.open(world.base_url + "/"))
    browser.submit(replace(form, page="https://evil.example/"))
    assert user(browser, world) == "Anna Berg"
    assert browser.open(world.base_url + "/logout").status == 405


def test_the_provider_ends_one_session_or_all_of_a_user(world: World) -> None:
    first, second, bo = Browser(), Browser(), Browser(BO)
    first.log_in(world.base_url + "/login")
    sid = world.admin("GET", "grants")["grants"][-1]["sid"]
    second.log_in(world.base_url + "/login")
    bo.log_in(world.base_url + "/login")
    world.serve_by(1)

    told = world.admin("POST", "logouts", {"sid": sid})["deliveries"]
    assert [delivery["status"] for delivery in told] == [200]
    assert user(first, world) is None
    assert user(second, world) == "Anna Berg"

    told = world.admin("POST", "logouts", {"username": "anna@example.com"})["deliveries"]
    assert {(delivery["status"], delivery["error"]) for delivery in told} == {(200, None)}
    assert user(second, world) is None
    assert user(bo, world) == "Bo Lund"


def test_a_forged_logout_token_ends_nothing(world: World) -> None:
    browser = Browser()
    browser.log_in(world.base_url + "/login")
    assert post(world, "/backchannel-logout", b"logout_token=eyJhbGciOiJub25lIn0.e30.") == 400
    assert user(browser, world) == "Anna Berg"


def test_a_provider_that_is_down_means_later(world: World) -> None:
    # The last test of this process, which leaves a provider in trouble alone for a while.
    browser = Browser()
    world.admin("POST", "lifetimes", {"client_id": "isv_web", "access_token_s": 0})
    try:
        browser.log_in(world.base_url + "/login")
        reply_next(world, 503, "{}", times=9)
        page = browser.open(world.base_url + "/invoices")
    finally:
        world.admin("POST", "lifetimes", {"client_id": "isv_web", "access_token_s": 3600})
        world.admin("DELETE", "replies")
    assert page.status == 503 and "Please try again in a minute" in page.text
    assert user(browser, world) is not None, "nothing is lost"


def reply_next(world: World, status: int, body: str, times: int = 1) -> None:
    reply = {"path": "/connect/token", "client_id": "isv_web", "status": status, "body": body, "times": times}
    world.admin("POST", "replies", reply)


def post(world: World, path: str, body: bytes, content_type: str = "application/x-www-form-urlencoded") -> int:
    """The status."""
    parts = urlsplit(world.base_url)
    connection = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=30)
    try:
        connection.request("POST", path, body, {"Host": parts.netloc, "Content-Type": content_type})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("example", ["fastapi", "django"])
def test_what_an_example_requires_is_what_it_is_tested_with_and_nothing_that_is_not_published(example: str) -> None:
    lines = (EXAMPLES / example / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert "grantline" not in {requirement.name for requirement in wanted}
    for requirement in wanted:
        assert requirement.specifier.contains(version(requirement.name)), requirement
