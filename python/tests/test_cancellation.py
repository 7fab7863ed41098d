"""Whoever goes away gives up the waiting alone: the request goes on for the others, and what it brings is kept."""

import asyncio
import gc
import signal
import sys
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from emulator import BAKERY, LOGIN_SCOPES, Emulator, new_name, persistent
from programs import line_of, program
from scripted_browser import ScriptedBrowser
from test_login import callback_of, cookie_of, web_session

from grantline import AccessToken, ServerMisbehaved, Session

SCOPES = ["visma_api:read"]


async def arrived(emulator: Emulator, client_id: str, count: int) -> None:
    """Waits until so many requests are at the server, while the event loop runs on."""
    await asyncio.to_thread(emulator.wait_for_requests, client_id, count)


def test_sixteen_tasks_of_which_fifteen_are_cancelled_make_one_request(emulator: Emulator) -> None:
    app = emulator.service_app()
    before = len(emulator.requests("isv_service"))

    async def race() -> list[AccessToken | BaseException]:
        tasks = [asyncio.create_task(app.token_async(BAKERY, SCOPES)) for _ in range(16)]
        with emulator.held_back("isv_service"):
            await asyncio.sleep(0)
            await arrived(emulator, "isv_service", before + 1)
            for task in tasks[:7] + tasks[8:]:
                task.cancel()
            ended = await asyncio.gather(*tasks[:7], *tasks[8:], return_exceptions=True)
            assert {type(one) for one in ended} == {asyncio.CancelledError}
            assert not tasks[7].done()
        return await asyncio.gather(*tasks, return_exceptions=True)

    outcomes = asyncio.run(race())
    tokens = [one for one in outcomes if isinstance(one, AccessToken)]
    assert len(tokens) == 1
    assert len(emulator.requests("isv_service")) == before + 1


def test_sixteen_threads_make_one_request(emulator: Emulator) -> None:
    app = emulator.service_app()
    before = len(emulator.requests("isv_service"))
    with ThreadPoolExecutor(16) as pool:
        gate = threading.Barrier(17)

        def ask() -> str:
            gate.wait()
            return app.token(BAKERY, SCOPES).expose_secret()

        with emulator.held_back("isv_service"):
            answers = [pool.submit(ask) for _ in range(16)]
            gate.wait()
            emulator.wait_for_requests("isv_service", before + 1)
        assert len({answer.result() for answer in answers}) == 1
    assert len(emulator.requests("isv_service")) == before + 1


def test_fifteen_loops_that_end_do_not_disturb_a_thread_that_waits(emulator: Emulator) -> None:
    app = emulator.service_app()
    before = len(emulator.requests("isv_service"))

    async def ask_and_go_away() -> None:
        task = asyncio.create_task(app.token_async(BAKERY, SCOPES))
        await asyncio.sleep(0)
        await arrived(emulator, "isv_service", before + 1)
        assert not task.done()
        # `asyncio.run` cancels what is left.

    with ThreadPoolExecutor(16) as pool:
        with emulator.held_back("isv_service"):
            staying = pool.submit(app.token, BAKERY, SCOPES)
            leaving = [pool.submit(asyncio.run, ask_and_go_away()) for _ in range(15)]
            for one in leaving:
                one.result()
        assert staying.result().generation == 1
    assert len(emulator.requests("isv_service")) == before + 1


def test_when_all_are_cancelled_the_next_call_finds_the_token(emulator: Emulator) -> None:
    app = emulator.service_app()
    before = len(emulator.requests("isv_service"))

    async def all_go_away() -> None:
        tasks = [asyncio.create_task(app.token_async(BAKERY, SCOPES)) for _ in range(16)]
        with emulator.held_back("isv_service"):
            await asyncio.sleep(0)
            await arrived(emulator, "isv_service", before + 1)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(all_go_away())
    assert app.token(BAKERY, SCOPES).generation == 1
    assert len(emulator.requests("isv_service")) == before + 1


def test_a_time_limit_of_asyncio_gives_up_the_waiting_alone(emulator: Emulator) -> None:
    app = emulator.service_app()
    before = len(emulator.requests("isv_service"))

    async def hurry() -> None:
        with emulator.held_back("isv_service"), pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(app.token_async(BAKERY, SCOPES), timeout=0.05)

    asyncio.run(hurry())
    assert app.token(BAKERY, SCOPES).generation == 1
    assert len(emulator.requests("isv_service")) == before + 1


def test_of_sixteen_refreshes_with_a_store_fifteen_are_cancelled(emulator: Emulator, place: str) -> None:
    name = new_name()
    session = emulator.log_in(emulator.web_app(persistent(place)), name)
    grant, before = emulator.newest_grant(), len(emulator.requests("isv_web"))

    async def race() -> AccessToken:
        tasks = [asyncio.create_task(refresh(session)) for _ in range(16)]
        with emulator.held_back("isv_web"):
            await asyncio.sleep(0)
            await arrived(emulator, "isv_web", before + 1)
            for task in tasks[1:]:
                task.cancel()
            ended = await asyncio.gather(*tasks[1:], return_exceptions=True)
            assert {type(one) for one in ended} == {asyncio.CancelledError}
        return await tasks[0]

    assert asyncio.run(race()).generation == 2
    assert session.fresh_token().generation == 2
    assert emulator.web_app(persistent(place)).session(name).fresh_token().generation == 2
    assert emulator.grant(grant)["refreshes"] == 1


def test_when_all_sixteen_refreshes_are_cancelled_the_next_call_finds_the_new_token_saved(
    emulator: Emulator, place: str
) -> None:
    name = new_name()
    with emulator.tokens_live(0):
        session = emulator.log_in(emulator.web_app(persistent(place)), name)
    grant, before = emulator.newest_grant(), len(emulator.requests("isv_web"))

    async def all_go_away() -> None:
        tasks = [asyncio.create_task(as_task(session.fresh_token_async())) for _ in range(16)]
        with emulator.held_back("isv_web"):
            await asyncio.sleep(0)
            await arrived(emulator, "isv_web", before + 1)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(all_go_away())
    # Another process asks: it has to wait for the lease that the first holds until the answer is saved.
    assert emulator.web_app(persistent(place)).session(name).fresh_token().generation == 2
    assert session.fresh_token().generation == 2
    assert emulator.grant(grant)["refreshes"] == 1


def test_sixteen_threads_with_a_store_make_one_refresh(emulator: Emulator, place: str) -> None:
    name = new_name()
    with emulator.tokens_live(0):
        session = emulator.log_in(emulator.web_app(persistent(place)), name)
    grant = emulator.newest_grant()
    with ThreadPoolExecutor(16) as pool:
        gate = threading.Barrier(16)

        def ask() -> str:
            gate.wait()
            return session.fresh_token().expose_secret()

        assert len({answer.result() for answer in [pool.submit(ask) for _ in range(16)]}) == 1
    assert emulator.grant(grant)["refreshes"] == 1


@pytest.mark.parametrize("one_stays", [True, False])
def test_sixteen_threads_of_which_fifteen_or_all_go_away_make_one_refresh_and_it_is_saved(
    emulator: Emulator, place: str, one_stays: bool
) -> None:
    name = new_name()
    with emulator.tokens_live(0):
        session = emulator.log_in(emulator.web_app(persistent(place)), name)
    grant, before = emulator.newest_grant(), len(emulator.requests("isv_web"))

    async def ask_and_go_away() -> None:
        task = asyncio.create_task(as_task(session.fresh_token_async()))
        await asyncio.sleep(0)
        await arrived(emulator, "isv_web", before + 1)
        assert not task.done()
        # `asyncio.run` cancels what is left.

    with ThreadPoolExecutor(16) as pool:
        with emulator.held_back("isv_web"):
            staying = [pool.submit(session.fresh_token)] if one_stays else []
            for leaving in [pool.submit(asyncio.run, ask_and_go_away()) for _ in range(16 - len(staying))]:
                leaving.result()
        assert [one.result().generation for one in staying] == [2] * len(staying)
    assert emulator.web_app(persistent(place)).session(name).fresh_token().generation == 2
    assert session.fresh_token().generation == 2
    assert emulator.grant(grant)["refreshes"] == 1


def until_refreshed(session: Session) -> None:
    """A refresh that nobody waits for comes to its end in its own time."""
    limit = time.monotonic() + 10
    while session.fresh_token().generation < 2:
        assert time.monotonic() < limit, "the refresh was not saved"


@pytest.mark.parametrize("keeps_the_task", [True, False])
def test_a_refresh_is_saved_although_its_event_loop_was_closed(emulator: Emulator, keeps_the_task: bool) -> None:
    session = web_session(emulator)
    before = len(emulator.requests("isv_web"))
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda _loop, _context: None)  # it complains of the pending task
    with emulator.held_back("isv_web"):
        kept: list[Any] = [loop.create_task(refresh(session))]
        loop.run_until_complete(arrived(emulator, "isv_web", before + 1))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
        if not keeps_the_task:
            kept.clear()
            gc.collect()
    until_refreshed(session)
    # The saved refresh token is the new one: it works.
    assert session.refresh().generation == 3
    assert [entry["grant_type"] for entry in emulator.requests("isv_web")[before:]] == ["refresh_token"] * 2
    kept.clear()
    gc.collect()


async def refresh(session: Session) -> AccessToken:
    return await session.refresh_async()


def test_a_login_that_is_given_up_cannot_be_tried_again_with_its_code(emulator: Emulator) -> None:
    app = emulator.web_app()
    begun = app.begin_login(LOGIN_SCOPES)
    callback = callback_of(ScriptedBrowser().open(begun.url))
    before = len(emulator.requests("isv_web"))

    async def give_up() -> None:
        with emulator.held_back("isv_web"):
            task = asyncio.create_task(as_task(app.complete_login_async(begun.pending, callback, cookie_of(begun))))
            await asyncio.sleep(0)
            await arrived(emulator, "isv_web", before + 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task

    asyncio.run(give_up())
    with pytest.raises(ServerMisbehaved) as refused:
        app.complete_login(begun.pending, callback, cookie_of(begun))
    assert refused.value.code == "callback_already_used"


async def as_task(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return await coroutine


def test_one_application_serves_many_loops_at_once(emulator: Emulator) -> None:
    app = emulator.service_app()

    async def ask() -> list[str]:
        tokens = await asyncio.gather(*(app.token_async(BAKERY, SCOPES) for _ in range(20)))
        return [token.expose_secret() for token in tokens]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(asyncio.run, [ask() for _ in range(8)]))
    assert len({secret for answer in answers for secret in answer}) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop does not exist for Windows")
def test_it_works_under_uvloop(emulator: Emulator) -> None:
    import uvloop

    app = emulator.service_app()
    before = len(emulator.requests("isv_service"))

    async def race() -> AccessToken:
        tasks = [asyncio.create_task(app.token_async(BAKERY, SCOPES)) for _ in range(2)]
        with emulator.held_back("isv_service"):
            await asyncio.sleep(0)
            await arrived(emulator, "isv_service", before + 1)
            tasks[0].cancel()
        return await tasks[1]

    loop = uvloop.new_event_loop()
    try:
        assert loop.run_until_complete(race()).generation == 1
    finally:
        loop.close()


INTERRUPTED = """
    import asyncio, os, signal, sys
    # A shell without job control starts what runs in its background with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from emulator import BAKERY, Emulator

    app = Emulator(os.environ["GRANTLINE_EMULATOR_URL"], "visma").service_app()
    try:
        if sys.argv[1] == "thread":
            app.token(BAKERY, ["visma_api:read"])
        else:
            asyncio.run(app.token_async(BAKERY, ["visma_api:read"]))
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("way", ["thread", "asyncio"])
def test_ctrl_c_ends_a_call_that_waits(visma: Emulator, way: str) -> None:
    before = len(visma.requests("isv_service"))
    with visma.held_back("isv_service"):
        child = program(INTERRUPTED, arguments=[way])
        visma.wait_for_requests("isv_service", before + 1)
        child.send_signal(signal.SIGINT)
        assert line_of(child) == "interrupted"
    # Its end waits for the answer.
    assert child.wait(timeout=20) == 0


SIXTEEN_THREADS = """
    import os, signal, sys
    from concurrent.futures import ThreadPoolExecutor
    signal.signal(signal.SIGINT, signal.default_int_handler)
    from emulator import Emulator, persistent

    emulator = Emulator(os.environ["GRANTLINE_EMULATOR_URL"], "visma")
    session = emulator.web_app(persistent(sys.argv[1])).session("user-7")
    with ThreadPoolExecutor(15) as pool:
        others = [pool.submit(session.fresh_token) for _ in range(15)]
        try:
            print("asking", flush=True)
            session.fresh_token()
        except KeyboardInterrupt:
            print("interrupted", flush=True)
        generations = {other.result().generation for other in others}
    print(*generations, session.fresh_token().generation, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_takes_the_refresh_from_no_other_thread(visma: Emulator, tmp_path: Path) -> None:
    with persistent(tmp_path) as client, visma.tokens_live(0):
        visma.log_in(visma.web_app(client), "user-7")
    grant, before = visma.newest_grant(), len(visma.requests("isv_web"))
    with visma.held_back("isv_web"):
        child = program(SIXTEEN_THREADS, arguments=[str(tmp_path)])
        visma.wait_for_requests("isv_web", before + 1)
        assert line_of(child) == "asking"
        child.send_signal(signal.SIGINT)
        assert line_of(child) == "interrupted"
    assert line_of(child) == "2 2"
    assert child.wait(timeout=20) == 0
    assert visma.grant(grant)["refreshes"] == 1


def test_a_program_may_end_while_a_task_waits(visma: Emulator) -> None:
    script = """
        import asyncio, os
        from emulator import BAKERY, Emulator

        emulator = Emulator(os.environ["GRANTLINE_EMULATOR_URL"], "visma")
        before = len(emulator.requests("isv_service"))
        loop = asyncio.new_event_loop()
        task = loop.create_task(emulator.service_app().token_async(BAKERY, ["visma_api:read"]))
        loop.run_until_complete(asyncio.to_thread(emulator.wait_for_requests, "isv_service", before + 1))
        print("the end", flush=True)
    """
    with visma.held_back("isv_service"):
        child = program(script)
        assert line_of(child) == "the end"
    assert child.wait(timeout=20) == 0
