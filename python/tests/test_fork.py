"""A forked child goes on with the objects of its parent: without tokens in memory, with connections of its own."""

import sys
from pathlib import Path

import pytest
from emulator import Emulator, new_name, persistent
from programs import line_of, program

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")

FORK = """
    import asyncio, os, sys, threading
    from pathlib import Path
    from emulator import BAKERY, Emulator, persistent
    from grantline import Client, ServerRefused, Store, StoreError

    emulator = Emulator(os.environ["GRANTLINE_EMULATOR_URL"], "visma")

    def in_a_child(run):
        child = os.fork()
        if child == 0:
            try:
                run()
            except BaseException:
                import traceback
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert status == 0, status
"""


def passes(script: str, *arguments: str) -> None:
    child = program(FORK, script, "print('passed', flush=True)", arguments=arguments)
    assert line_of(child) == "passed"
    assert child.wait(timeout=30) == 0


def test_a_child_gets_tokens_of_its_own_through_the_handles_of_its_parent(visma: Emulator) -> None:
    passes("""
    app = emulator.service_app()
    source = app.token_source(BAKERY, ["visma_api:read"])
    parents = source.fresh_token().expose_secret()
    session = emulator.log_in(emulator.web_app(Client()), "user-7")

    def child():
        own = source.fresh_token()
        assert own.expose_secret() != parents
        assert asyncio.run(source.fresh_token_async()).expose_secret() == own.expose_secret()
        # The memory of a process is no store for two of them.
        try:
            session.fresh_token()
        except ServerRefused as error:
            assert error.code == "session_unknown"
        # A grandchild, too.
        in_a_child(lambda: source.refresh())

    in_a_child(child)
    in_a_child(lambda: asyncio.run(source.refresh_async()))
    assert source.fresh_token().expose_secret() == parents
    session.refresh()
    """)


def test_a_child_waits_in_asyncio_although_its_parent_did(visma: Emulator) -> None:
    passes("""
    app = emulator.service_app()
    async def ask():
        tokens = await asyncio.gather(*(app.token_source(BAKERY, ["visma_api:read"]).refresh_async() for _ in range(4)))
        return tokens[0]
    asyncio.run(ask())
    for _ in range(3):
        in_a_child(lambda: asyncio.run(ask()))
    asyncio.run(ask())
    """)


def test_a_fork_amid_threads_holds_no_child_up(visma: Emulator, tmp_path: Path) -> None:
    passes(
        """
    client = persistent(Path(sys.argv[1]))
    session = emulator.log_in(emulator.web_app(client), "user-7")
    app = emulator.service_app()
    over = threading.Event()

    def busy(work):
        while not over.is_set():
            work()

    works = [
        lambda: app.token_source(BAKERY, ["visma_api:read"]).refresh(),
        lambda: asyncio.run(app.token_source(BAKERY, ["visma_api:read"]).refresh_async()),
    ]
    threads = [threading.Thread(target=busy, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            in_a_child(lambda: (session.fresh_token(), app.token(BAKERY, ["visma_api:read"])))
            in_a_child(lambda: asyncio.run(app.token_async(BAKERY, ["visma_api:read"])))
    finally:
        over.set()
        for thread in threads:
            thread.join()
    """,
        str(tmp_path),
    )


def test_the_workers_of_a_prefork_server_make_one_refresh(visma: Emulator, place: str) -> None:
    name = new_name()
    with persistent(place) as client, visma.tokens_live(0):
        visma.log_in(visma.web_app(client), name)
    grant = visma.newest_grant()
    # As gunicorn does it: the application is loaded once, then each worker is forked, works, and ends by `sys.exit`.
    passes(
        """
    app = emulator.web_app(persistent(sys.argv[1]))
    # The connection of the parent is no child's.
    assert sys.argv[2] in set(app.sessions())
    session = app.session(sys.argv[2])
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            sys.exit(0 if session.fresh_token().generation == 2 else 1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0, 0]
    assert session.fresh_token().generation == 2
    """,
        place,
        name,
    )
    assert visma.grant(grant)["refreshes"] == 1


def test_a_child_may_make_a_client_with_the_store_object_of_its_parent(visma: Emulator, tmp_path: Path) -> None:
    with persistent(tmp_path) as client:
        visma.log_in(visma.web_app(client), "user-7")
    passes(
        """
    from emulator import KEYS

    store = Store.sqlite(Path(sys.argv[1], "sessions.db"))
    def child():
        client = Client(store=store, sealing_keys=KEYS)
        assert emulator.web_app(client).session("user-7").fresh_token().generation == 1
    in_a_child(child)
    child()
    """,
        str(tmp_path),
    )


def test_a_blob_store_is_refused_to_a_child(visma: Emulator) -> None:
    passes("""
    from grantline import SealingKeys

    class InMemory(dict):
        def load(self, name): return self.get(name)
        def save(self, name, data): self[name] = data
        def delete(self, name): self.pop(name, None)
        def list(self, prefix): return [name for name in self if name.startswith(prefix)]

    store, keys = Store.blobs(InMemory()), SealingKeys.dangerous_plaintext()
    session = emulator.log_in(emulator.web_app(Client(store=store, sealing_keys=keys)), "user-7")

    def refused():
        for use in (session.fresh_token, lambda: Client(store=store, sealing_keys=keys)):
            try:
                use()
                raise AssertionError("it was not refused")
            except StoreError as error:
                assert error.code == "store_denied", error
    in_a_child(refused)
    assert session.refresh().generation == 2
    """)
