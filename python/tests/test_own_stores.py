"""Stores that the application brings, with sync and with async methods."""

import asyncio
import threading
import types
from collections.abc import AsyncIterator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from emulator import Emulator
from own_stores import Blobs, Shared, as_async, client_of

from grantline import BlobStore, Session, SharedStore, Store, StoreError
from grantline.testing import check_store, check_store_async


def awaitable_object(answer: Callable[[], Any]) -> Awaitable[Any]:
    class Deferred:
        def __await__(self) -> Generator[Any, None, Any]:
            yield from asyncio.sleep(0).__await__()
            return answer()

    return Deferred()


def future(answer: Callable[[], Any]) -> Awaitable[Any]:
    event_loop = next(iter(running))
    future = event_loop.create_future()
    event_loop.call_soon_threadsafe(lambda: future.set_result(answer()))
    return future


@types.coroutine
def generator(answer: Callable[[], Any]) -> Generator[Any, None, Any]:
    yield from asyncio.sleep(0).__await__()
    return answer()


running: set[asyncio.AbstractEventLoop] = set()


def the_types_fit() -> tuple[BlobStore, SharedStore]:
    """mypy reads this."""
    return Blobs(), Shared()


def test_a_blob_store_keeps_the_contract() -> None:
    blobs = Blobs()
    assert check_store(lambda: Store.blobs(blobs)) > 40
    assert blobs.kept == {}


def test_an_async_shared_store_keeps_the_contract() -> None:
    shared = Shared()
    store = as_async(shared)
    assert asyncio.run(check_store_async(lambda: Store.shared(store))) > 40
    assert shared.kept == {}


@pytest.mark.parametrize("deferred", [awaitable_object, future, generator])
def test_a_method_may_answer_any_awaitable(visma: Emulator, deferred: Callable[[Callable[[], Any]], Any]) -> None:
    blobs = Blobs()

    class Deferring:
        def __getattr__(self, name: str) -> Any:
            return lambda *arguments: deferred(lambda: getattr(blobs, name)(*arguments))

    async def refresh() -> int:
        running.add(asyncio.get_running_loop())
        async with client_of(Store.blobs(Deferring())) as client:
            session = await asyncio.to_thread(visma.log_in, visma.web_app(client), "user-7")
            return (await session.refresh_async()).generation

    try:
        assert asyncio.run(refresh()) == 2
    finally:
        running.clear()
    assert blobs.kept


def test_the_contract_names_the_rules_that_a_store_breaks() -> None:
    class Forgetful(Blobs):
        def delete(self, name: str) -> None:
            pass

    with pytest.raises(AssertionError, match="rules of the store contract were kept, .* broken"):
        check_store(lambda: Store.blobs(Forgetful()))


def test_what_opening_the_store_raised_is_raised_by_the_check() -> None:
    def open_none() -> Store:
        raise KeyError("no table")

    with pytest.raises(KeyError, match="no table"):
        check_store(open_none)
    with pytest.raises(TypeError):
        check_store(lambda: Blobs())  # type: ignore[arg-type,return-value]


def test_a_session_lives_in_a_store_of_the_application(emulator: Emulator) -> None:
    blobs = Blobs()
    with client_of(Store.blobs(blobs)) as client:
        emulator.log_in(emulator.web_app(client), "user-7")
        assert emulator.web_app(client).session("user-7").refresh().generation == 2
    assert blobs.kept
    assert all(b"access_token" not in data for data in blobs.kept.values()), "they are sealed"
    with client_of(Store.blobs(blobs)) as client:
        assert emulator.web_app(client).session("user-7").fresh_token().generation == 2


def test_a_session_lives_in_an_async_store(emulator: Emulator) -> None:
    shared = Shared()

    async def refresh_often() -> None:
        async with client_of(Store.shared(as_async(shared))) as client:
            app = emulator.web_app(client)
            session = app.session((await asyncio.to_thread(emulator.log_in, app, "user-7")).id)
            tokens = await asyncio.gather(*(session.refresh_async() for _ in range(16)))
            assert {token.generation for token in tokens} == {2}
            assert [name async for name in app.sessions()] == ["user-7"]

    asyncio.run(refresh_often())

    async def go_on() -> None:
        async with client_of(Store.shared(as_async(shared))) as client:
            assert (await emulator.web_app(client).session("user-7").fresh_token_async()).generation == 2

    asyncio.run(go_on())


def test_a_missing_method_is_a_type_error() -> None:
    class Incomplete:
        def load(self, name: str) -> None: ...

    with pytest.raises(TypeError, match="this one has no save()"):
        Store.blobs(Incomplete())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="this one has no replace()"):
        Store.shared(Blobs())  # type: ignore[arg-type]


def test_an_async_store_is_made_where_its_event_loop_runs() -> None:
    with pytest.raises(RuntimeError, match="make the Store where its event loop runs"):
        Store.blobs(as_async(Blobs()))


@asynccontextmanager
async def logged_in(visma: Emulator, store: Any) -> AsyncIterator[Session]:
    async with client_of(Store.blobs(store)) as client:
        with visma.tokens_live(0):
            yield await asyncio.to_thread(visma.log_in, visma.web_app(client), "user-7")


def test_an_event_loop_that_has_ended_is_a_store_that_cannot_be_reached(visma: Emulator) -> None:
    async def begin() -> Session:
        client = client_of(Store.blobs(as_async(Blobs())))
        with visma.tokens_live(0):
            return await asyncio.to_thread(visma.log_in, visma.web_app(client), "user-7")

    session = asyncio.run(begin())
    with pytest.raises(StoreError, match=r"the event loop of load\(\) does not run") as failed:
        session.fresh_token()
    assert failed.value.code == "store_unavailable"


def test_a_blocking_call_on_the_event_loop_of_its_store_ends_with_a_typed_error(visma: Emulator) -> None:
    async def block() -> None:
        async with logged_in(visma, as_async(Blobs())) as session:
            # The store's methods wait for this loop, and it waits for them.
            with pytest.raises(StoreError) as failed:
                session.fresh_token()
            assert failed.value.code == "store_unavailable"
            # Awaited, it works.
            assert (await session.fresh_token_async()).generation >= 1

    asyncio.run(block())


def test_python_goes_on_while_a_store_is_asked(visma: Emulator) -> None:
    class Waiting(Blobs):
        def __init__(self) -> None:
            super().__init__()
            self.asked, self.go_on = threading.Event(), threading.Event()
            self.waits = False

        def load(self, name: str) -> bytes | None:
            self.asked.set()
            assert not self.waits or self.go_on.wait(4)
            return super().load(name)

    store = Waiting()
    with client_of(Store.blobs(store)) as client:
        session = visma.log_in(visma.web_app(client), "user-7")
        store.waits = True
        store.asked.clear()
        asking = threading.Thread(target=session.refresh)
        asking.start()
        # The thread of the store has the GIL while it runs Python, and not while it waits in it.
        assert store.asked.wait(10)
        store.go_on.set()
        asking.join()
        assert session.fresh_token().generation == 2
