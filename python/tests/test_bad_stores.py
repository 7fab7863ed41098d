"""Stores of the application that raise, hang or answer nonsense: a typed error, tokens where there are any, no loss."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.pool import ThreadPool
from typing import Any

import pytest
from emulator import Emulator
from own_stores import Blobs, Shared, as_async, client_of

from grantline import Session, Snapshot, Store, StoreError


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
    assert f"load() raised {type(error).__name__} (test_bad_stores.py, line " in text
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
