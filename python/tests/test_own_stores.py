"""Stores that the application brings, with sync and with async methods, good ones and bad ones."""

import asyncio
import threading
import time
import types
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import asynccontextmanager
from multiprocessing.pool import ThreadPool
from typing import Any

import pytest
from emulator import KEYS, Emulator

from grantline import BlobStore, Client, Session, SharedStore, Snapshot, Store, StoreError
from grantline.testing import check_store, check_store_async


class Blobs:
    """Bytes in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load(self, name: str) -> bytes | None:
        return self.kept.get(name)

    def save(self, name: str, data: bytes) -> None:
        self.kept[name] = data

    def delete(self, name: str) -> None:
        self.kept.pop(name, None)

    def list(self, prefix: str) -> list[str]:
        return [name for name in self.kept if name.startswith(prefix)]


class Shared:
    """Bytes in memory, with their versions."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, bytes]] = {}
        self.lock = threading.Lock()
        self.writes = 0

    def load(self, name: str) -> Snapshot:
        with self.lock:
            return Snapshot(time.monotonic(), *self.kept.get(name, ()))

    def replace(self, name: str, expected: str | None, data: bytes) -> bool:
        with self.lock:
            if self.kept.get(name, (None,))[0] != expected:
                return False
            self.writes += 1
            self.kept[name] = (str(self.writes), data)
            return True

    def delete(self, name: str, expected: str) -> bool:
        with self.lock:
            if self.kept.get(name, (None,))[0] != expected:
                return False
            del self.kept[name]
            return True

    def list(self, prefix: str, after: str | None, limit: int) -> Iterator[str]:
        with self.lock:
            names = sorted(self.kept)
        return iter([name for name in names if name.startswith(prefix) and name > (after or "")][:limit])


def as_async(store: Any) -> Any:
    """The same store with async methods, each of which lets others go first."""

    class Async:
        pass

    def of(name: str) -> Callable[..., Any]:
        async def method(*arguments: Any) -> Any:
            await asyncio.sleep(0)
            return getattr(store, name)(*arguments)

        return method

    made = Async()
    for name in ("load", "save", "replace", "delete", "list"):
        if hasattr(store, name):
            setattr(made, name, of(name))
    return made


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


def client_of(store: Store) -> Client:
    return Client(store=store, sealing_keys=KEYS)


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


class Bad(Blobs):
    """Does as it is told by `trouble`, a function in the place of its methods; as usual while there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.trouble: Callable[[str], Any] | None = None

    def load(self, name: str) -> Any:
        return super().load(name) if self.trouble is None else self.trouble("load")

    def save(self, name: str, data: bytes) -> Any:
        return super().save(name, data) if self.trouble is None else self.trouble("save")

    def list(self, prefix: str) -> Any:
        return super().list(prefix) if self.trouble is None else self.trouble("list")


def raises(error: BaseException) -> Callable[[str], Any]:
    def trouble(method: str) -> Any:
        raise error

    return trouble


def code_of(session: Session) -> tuple[str, str]:
    with pytest.raises(StoreError) as failed:
        session.fresh_token()
    return failed.value.code, str(failed.value)


@pytest.fixture
def bad(visma: Emulator) -> Iterator[tuple[Bad, Session]]:
    """A store with a session whose token has expired, for a client that has not read it yet."""
    store = Bad()
    with client_of(Store.blobs(store)) as client, visma.tokens_live(0):
        visma.log_in(visma.web_app(client), "user-7")
    with client_of(Store.blobs(store)) as client:
        yield store, visma.web_app(client).session("user-7")
        store.trouble = None
        # Nothing was lost by whatever it did.
        assert visma.web_app(client).session("user-7").fresh_token().generation == 2


@pytest.mark.parametrize("code", ["store_unavailable", "store_full", "store_denied", "store_damaged", "store_too_new"])
def test_a_store_error_keeps_its_code_and_its_words(bad: tuple[Bad, Session], code: str) -> None:
    store, session = bad
    store.trouble = raises(StoreError("the vault is locked", code))
    assert code_of(session)[0] == code
    assert "the vault is locked" in code_of(session)[1]


@pytest.mark.parametrize("error", [KeyError("secret"), SystemExit("secret"), KeyboardInterrupt("secret")])
def test_another_exception_is_a_store_that_misbehaves_and_its_text_stays_where_it_is(
    bad: tuple[Bad, Session], error: BaseException
) -> None:
    store, session = bad
    store.trouble = raises(error)
    code, text = code_of(session)
    assert code == "store_misbehaved"
    assert f"load() raised {type(error).__name__} (test_own_stores.py, line " in text
    assert "secret" not in text


@pytest.mark.parametrize("nonsense", ["text", 7, ["bytes"], object(), b"{}", b""])
def test_nonsense_is_a_typed_error(bad: tuple[Bad, Session], nonsense: Any) -> None:
    store, session = bad
    store.trouble = lambda method: nonsense
    code, text = code_of(session)
    if isinstance(nonsense, bytes):
        assert code == "store_damaged"
    else:
        assert code == "store_misbehaved"
        assert f"load() answers bytes or None, and answered {type(nonsense).__name__}" in text


@pytest.mark.parametrize("nonsense", ["text", 7, [b"name"], None])
def test_a_list_of_nonsense_is_a_typed_error(bad: tuple[Bad, Session], visma: Emulator, nonsense: Any) -> None:
    store, _ = bad
    store.trouble = lambda method: nonsense
    with client_of(Store.blobs(store)) as client, pytest.raises(StoreError) as failed:
        list(visma.web_app(client).sessions())
    assert failed.value.code == "store_misbehaved"


def test_a_shared_store_that_answers_nonsense_is_a_typed_error(visma: Emulator) -> None:
    for answer in [None, (1.0, None), (-1.0, None, None), (float("nan"), None, None), (1.0, "1", None), ("1", "1", b"")]:

        class Nonsense(Shared):
            def load(self, name: str) -> Any:
                return answer  # noqa: B023

        with client_of(Store.shared(Nonsense())) as client, pytest.raises(StoreError) as failed:
            visma.web_app(client).session("user-7").fresh_token()
        assert failed.value.code == "store_misbehaved", answer
        assert "load() answers a Snapshot" in str(failed.value)


def test_a_method_that_hangs_is_waited_for_no_longer_than_its_time(bad: tuple[Bad, Session], visma: Emulator) -> None:
    store, session = bad
    over = threading.Event()
    store.trouble = lambda method: over.wait(30) and None
    began = time.monotonic()
    try:
        assert code_of(session)[0] == "store_unavailable"
        assert time.monotonic() - began < 20
    finally:
        over.set()


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
    code, text = code_of(session)
    assert code == "store_unavailable"
    assert "the event loop of load() does not run" in text


def test_a_blocking_call_on_the_event_loop_of_its_store_ends_with_a_typed_error(visma: Emulator) -> None:
    async def block() -> None:
        async with logged_in(visma, as_async(Blobs())) as session:
            # The store's methods wait for this loop, and it waits for them.
            assert code_of(session)[0] == "store_unavailable"
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


@pytest.fixture
def over() -> Iterator[threading.Event]:
    """What hangs does so to the end of the test at most."""
    over = threading.Event()
    yield over
    over.set()


@pytest.mark.parametrize("way", ["says that it is full", "raises", "hangs"])
def test_tokens_that_the_store_does_not_take_are_handed_out_and_saved_later(
    visma: Emulator, over: threading.Event, way: str
) -> None:
    store = Bad()
    with client_of(Store.blobs(store)) as client:
        session = visma.log_in(visma.web_app(client), "user-7")
        grant = visma.newest_grant()

        def save(name: str, data: bytes) -> None:
            if not over.is_set() and visma.grant(grant)["refreshes"] == 1:
                if way == "hangs":
                    over.wait(30)
                raise StoreError("no room", "store_full") if way == "says that it is full" else OSError(28, "no room")
            Blobs.save(store, name, data)

        store.save = save  # type: ignore[method-assign]
        token = session.refresh()
        assert (token.generation, token.is_saved) == (2, False)
        # Nobody asks the store for a token that is good.
        assert session.fresh_token().generation == 2
        over.set()
    # Closing has tried once more.
    with client_of(Store.blobs(store)) as client:
        token = visma.web_app(client).session("user-7").fresh_token()
        assert (token.generation, token.is_saved) == (2, True)


@pytest.mark.parametrize("answer", [None, "True", 1])
def test_tokens_that_a_shared_store_answers_nonsense_about_are_handed_out_and_saved_later(
    visma: Emulator, over: threading.Event, answer: Any
) -> None:
    class Nonsense(Shared):
        def replace(self, name: str, expected: str | None, data: bytes) -> Any:
            if not over.is_set() and visma.grant(grant)["refreshes"] == 1:
                return answer
            return super().replace(name, expected, data)

    store, grant = Nonsense(), 0
    over.set()
    with client_of(Store.shared(store)) as client:
        session = visma.log_in(visma.web_app(client), "user-7")
        grant = visma.newest_grant()
        over.clear()
        token = session.refresh()
        assert (token.generation, token.is_saved) == (2, False)
        over.set()
    with client_of(Store.shared(store)) as client:
        token = visma.web_app(client).session("user-7").fresh_token()
        assert (token.generation, token.is_saved) == (2, True)


ASYNC_TROUBLES: dict[str, tuple[Callable[[], Any], str]] = {
    "raises": (lambda: failing(KeyError("secret")), "store_misbehaved"),
    "raises what ends an event loop's task": (lambda: failing(asyncio.CancelledError()), "store_unavailable"),
    "says that it is away": (lambda: failing(StoreError("maintenance")), "store_unavailable"),
    "hangs": (lambda: asyncio.Event().wait(), "store_unavailable"),
    "answers nonsense": (lambda: asyncio.sleep(0, "text"), "store_misbehaved"),
}


async def failing(error: BaseException) -> None:
    raise error


@pytest.mark.parametrize("trouble", ASYNC_TROUBLES)
@pytest.mark.parametrize("make", [Store.blobs, Store.shared])
def test_an_async_method_that_does_badly_is_a_typed_error_and_deletes_nothing(
    visma: Emulator, make: Callable[[Any], Store], trouble: str
) -> None:
    kept: Blobs | Shared = Blobs() if make is Store.blobs else Shared()
    does_badly, code = ASYNC_TROUBLES[trouble]

    async def ask() -> None:
        store = as_async(kept)
        async with client_of(make(store)) as client:
            with visma.tokens_live(0):
                await asyncio.to_thread(visma.log_in, visma.web_app(client), "user-7")
        load, store.load = store.load, lambda name: does_badly()
        async with client_of(make(store)) as client:
            session = visma.web_app(client).session("user-7")
            began = time.monotonic()
            # The event loop runs on meanwhile, and sixteen callers wait no longer than one.
            asked = await asyncio.gather(*(session.fresh_token_async() for _ in range(16)), return_exceptions=True)
            assert time.monotonic() - began < 20
            assert [getattr(error, "code", error) for error in asked] == [code] * 16
            assert not any("secret" in str(error) for error in asked)
        store.load = load
        async with client_of(make(store)) as client:
            token = await visma.web_app(client).session("user-7").fresh_token_async()
            assert (token.generation, token.is_saved) == (2, True)

    asyncio.run(ask())


@pytest.mark.parametrize("way", ["raises", "hangs"])
def test_a_shared_store_that_raises_or_hangs_is_a_typed_error_for_all_who_wait(
    visma: Emulator, over: threading.Event, way: str
) -> None:
    class Troubled(Shared):
        def load(self, name: str) -> Snapshot:
            if way == "hangs":
                over.wait(30)
            raise ConnectionError("secret")

    with client_of(Store.shared(Troubled())) as client, ThreadPool(16) as pool:
        session = visma.web_app(client).session("user-7")
        began = time.monotonic()
        codes = {code for code, _ in pool.map(lambda _: code_of(session), range(16), chunksize=1)}
        assert codes == {"store_unavailable" if way == "hangs" else "store_misbehaved"}
        assert time.monotonic() - began < 20
        over.set()
