"""What can be done with a session beside asking for its token."""

import asyncio
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from emulator import BAKERY, WEB_REDIRECT, WEB_SECRET, Emulator, new_name, persistent

from grantline import Client, MisuseError, ServerRefused, Store, StoreError, TransportError, WebApp


def test_a_second_client_goes_on_with_the_session_of_the_first(emulator: Emulator, place: str) -> None:
    name = new_name()
    with persistent(place) as client:
        emulator.log_in(emulator.web_app(client), name)
    with persistent(place) as client:
        session = emulator.web_app(client).session(name)
        token = session.fresh_token()
        assert (token.generation, token.is_saved) == (1, True)
        assert session.refresh().generation == 2
    with persistent(place) as client:
        assert emulator.web_app(client).session(name).fresh_token().generation == 2


def test_a_session_whose_lost_answer_may_not_be_asked_for_again_ends_with_it(visma: Emulator) -> None:
    patient = WebApp(
        visma.provider(), "isv_web", redirect_uris=[WEB_REDIRECT], client_secret=WEB_SECRET, refresh_grace=60, client=Client()
    )
    strict = WebApp(
        visma.provider(),
        "isv_web",
        redirect_uris=[WEB_REDIRECT],
        client_secret=WEB_SECRET,
        refresh_grace=timedelta(seconds=60),
        ask_for_login_after_lost_answer=True,
        client=Client(),
    )
    lost = {"fault": "lost-reply", "client_id": "isv_web", "path": "/connect/token", "times": 1}

    session = visma.log_in(patient)
    visma.admin("faults", lost)
    assert session.refresh().generation == 2

    session = visma.log_in(strict)
    visma.admin("faults", lost)
    with pytest.raises(TransportError):
        session.refresh()
    with pytest.raises(ServerRefused) as ended:
        session.refresh()
    assert ended.value.code == "refresh_outcome_unknown"


def test_an_ended_session_is_revoked_at_the_server_and_gone_for_everybody(visma: Emulator, place: str) -> None:
    name = new_name()
    app, others = visma.web_app(persistent(place)), visma.web_app(persistent(place))
    session = visma.log_in(app, name)
    grant = visma.newest_grant()
    assert others.session(name).fresh_token().generation == 1

    revocation = session.end()

    assert (revocation.outcome, revocation.error) == ("done", None)
    assert visma.grant(grant)["ended"] == "revoked"
    for handle in (session, visma.web_app(persistent(place)).session(name)):
        with pytest.raises(ServerRefused) as refused:
            handle.fresh_token()
        assert (refused.value.code, refused.value.advice) == ("session_ended", "log_in_again")
    assert session.end().outcome == "nothing_to_revoke"
    # Its name is free for the next login.
    assert visma.log_in(app, name).fresh_token().generation > 1


def test_a_session_is_over_although_the_server_could_not_be_told(visma: Emulator) -> None:
    session = visma.log_in(visma.web_app())
    visma.reply_next("isv_web", path="/connect/revocation", status=503, body="busy")
    revocation = asyncio.run(session.end_async())
    assert revocation.outcome == "failed"
    assert revocation.error is not None
    assert revocation.error.code == "server_unavailable"
    with pytest.raises(ServerRefused):
        session.fresh_token()


def test_a_token_that_an_api_refused_is_not_handed_out_again(emulator: Emulator) -> None:
    session = emulator.log_in(emulator.web_app())
    first = session.fresh_token()
    session.invalidate(first)
    second = session.fresh_token()
    assert second.generation == 2
    session.invalidate(first)
    assert session.fresh_token().generation == 2


def test_a_service_token_that_an_api_refused_is_not_handed_out_again(emulator: Emulator) -> None:
    source = emulator.service_app().token_source(BAKERY, ["visma_api:read"])
    source.invalidate(source.fresh_token())
    assert source.fresh_token().generation == 2


def test_the_names_of_the_sessions_come_in_order_and_page_by_page(visma: Emulator, tmp_path: Path) -> None:
    app = visma.web_app(persistent(tmp_path))
    assert list(app.sessions()) == []
    for name in ("user-b", "user-a", "Ümläut", "user-c"):
        visma.log_in(app, name)
    app.session("user-c").end()
    assert list(app.sessions()) == ["user-a", "user-b", "Ümläut"]

    async def listed() -> list[str]:
        return [name async for name in app.sessions()]

    assert asyncio.run(listed()) == ["user-a", "user-b", "Ümläut"]
    names = app.sessions()
    assert iter(names) is names
    assert next(names) == "user-a"
    names_after = list(names)
    assert names_after == ["user-b", "Ümläut"]
    assert list(names) == []


def test_two_clients_that_are_given_one_store_object_share_it(visma: Emulator) -> None:
    store = Store.memory()
    session = visma.log_in(visma.web_app(Client(store=store)), "user-7")
    assert visma.web_app(Client(store=store)).session("user-7").fresh_token().generation == 1
    with pytest.raises(ServerRefused) as refused:
        visma.web_app(Client(store=Store.memory())).session("user-7").fresh_token()
    assert refused.value.code == "session_unknown"
    assert session.fresh_token().generation == 1


def test_a_closed_client_says_so_and_may_be_closed_again(visma: Emulator) -> None:
    client = Client()
    session = visma.log_in(visma.web_app(client))
    token = session.fresh_token()
    client.close()
    for ask in (session.fresh_token, session.refresh, lambda: asyncio.run(session.fresh_token_async())):
        with pytest.raises(MisuseError) as refused:
            ask()
        assert refused.value.code == "client_closed"
    client.close(timeout=0)
    asyncio.run(client.aclose())
    assert token.expose_secret()


def test_closing_waits_for_what_was_sent(visma: Emulator, tmp_path: Path) -> None:
    client = persistent(tmp_path)
    session = visma.log_in(visma.web_app(client), "user-7")
    before = len(visma.requests("isv_web"))
    with visma.held_back("isv_web"):
        refreshing = threading.Thread(target=session.refresh)
        refreshing.start()
        visma.wait_for_requests("isv_web", before + 1)
        closing = threading.Thread(target=client.close)
        closing.start()
        closing.join(timeout=0.2)
        assert closing.is_alive()
    closing.join()
    refreshing.join()
    with persistent(tmp_path) as another:
        assert visma.web_app(another).session("user-7").fresh_token().generation == 2


def test_what_the_block_raised_is_worth_more_than_what_closing_has_to_say(visma: Emulator) -> None:
    async def leave_early() -> None:
        async with Client() as client:
            assert visma.service_app(client=client).client_id == "isv_service"
            raise KeyError("the application's own")

    with pytest.raises(KeyError, match="the application's own"):
        asyncio.run(leave_early())
    with pytest.raises(KeyError, match="another"), Client():
        raise KeyError("another")


def test_a_client_that_nobody_holds_lets_its_refresh_be_saved(visma: Emulator, tmp_path: Path) -> None:
    with persistent(tmp_path) as client:
        visma.log_in(visma.web_app(client), "user-7")
    before = len(visma.requests("isv_web"))

    def begin_and_go_away() -> None:
        session = visma.web_app(persistent(tmp_path)).session("user-7")
        session.fresh_token()

        async def cancelled() -> None:
            task = asyncio.create_task(asyncio.wait_for(session.refresh_async(), 60))
            await asyncio.to_thread(visma.wait_for_requests, "isv_web", before + 1)
            task.cancel()

        asyncio.run(cancelled())

    with visma.held_back("isv_web"):
        begin_and_go_away()
    session = visma.web_app(persistent(tmp_path)).session("user-7")
    session.invalidate(session.fresh_token())
    # Whoever is gone has the lease until its answer is saved, and this waits for that.
    assert session.fresh_token().generation >= 2
    report = visma.grant(visma.newest_grant())
    assert (report["replays_in_grace"], report["replays_refused"]) == (0, 0)


def test_an_unreadable_store_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "sessions.db").write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError) as refused:
        Store.sqlite(tmp_path / "sessions.db")
    assert (refused.value.code, refused.value.fault) == ("store_damaged", "store")
