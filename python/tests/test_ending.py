"""The ordinary end of a process waits for what was sent, so that no answer is lost."""

import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from emulator import Emulator, persistent
from programs import go_on, line_of, program

# Each begins a refresh of the session "user-7" in an SQLite file, and comes to its end at once.
BEGIN = """
    import os, sys
    from pathlib import Path
    from emulator import Emulator
    from refreshing import begin, begun

    emulator = Emulator(os.environ["GRANTLINE_EMULATOR_URL"], "visma")
"""
ENDS = {
    "it returns": "kept = begin(sys.argv[1]); print('the end', flush=True)",
    "nobody holds the client": "begin(sys.argv[1]); print('the end', flush=True)",
    "it raises": "kept = begin(sys.argv[1]); print('the end', flush=True); sys.stderr.close(); raise KeyError",
    "sys.exit": "kept = begin(sys.argv[1]); print('the end', flush=True); sys.exit(1)",
    "a thread has it": """
    import threading
    thread = threading.Thread(target=begin, args=(sys.argv[1],))
    thread.start()
    thread.join()
    print('the end', flush=True)
    """,
    "a daemon thread waits for it": """
    import threading
    from emulator import persistent
    session = emulator.web_app(persistent(sys.argv[1])).session("user-7")
    session.fresh_token()
    before = len(emulator.requests("isv_web"))
    threading.Thread(target=session.refresh, daemon=True).start()
    emulator.wait_for_requests("isv_web", before + 1)
    print('the end', flush=True)
    """,
}
# The same in a child of multiprocessing. Its end depends on how it began, and on when it imported grantline.
CHILD = """
    import multiprocessing, sys
    import refreshing

    def start(context, *arguments):
        child = context.Process(target=refreshing.begin_and_end, args=(sys.argv[1], *arguments))
        child.start()
        child.join()
"""
CHILDREN = {
    "forked": [BEGIN, "start(multiprocessing.get_context('fork'))"],
    "forked, imports it itself": ["start(multiprocessing.get_context('fork'))"],
    "forked, of a parent that has a client": [
        BEGIN,
        "kept = emulator.service_app()",
        "start(multiprocessing.get_context('fork'))",
    ],
    "forked by a forked one": [
        BEGIN,
        """
        context = multiprocessing.get_context('fork')
        child = context.Process(target=start, args=(context,))
        child.start()
        child.join()
        """,
    ],
    "of a fork server, imports it itself": ["start(multiprocessing.get_context('forkserver'))"],
    "of a fork server, gets an argument of it": [BEGIN, "start(multiprocessing.get_context('forkserver'), emulator)"],
    "of a fork server that imports it": [
        """
        context = multiprocessing.get_context('forkserver')
        context.set_forkserver_preload(['grantline'])
        start(context)
        """
    ],
    "spawned": ["start(multiprocessing.get_context('spawn'))"],
}
SCRIPTS = {end: [BEGIN, script] for end, script in ENDS.items()}
SCRIPTS |= {f"a child, {child}": [CHILD, *parts] for child, parts in CHILDREN.items()}


@pytest.mark.parametrize("end", SCRIPTS)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_a_process_that_ends_in_mid_refresh_saves_the_new_tokens(visma: Emulator, tmp_path: Path, end: str) -> None:
    with persistent(tmp_path) as client:
        visma.log_in(visma.web_app(client), "user-7")
    grant, before = visma.newest_grant(), len(visma.requests("isv_web"))
    with visma.held_back("isv_web"):
        child = program(*SCRIPTS[end], arguments=[str(tmp_path)])
        visma.wait_for_requests("isv_web", before + 1)
        assert line_of(child) == "the end"
    child.wait(timeout=20)
    with persistent(tmp_path) as client:
        session = visma.web_app(client).session("user-7")
        assert session.fresh_token().generation == 2
        assert session.refresh().generation == 3
    report = visma.grant(grant)
    assert (report["refreshes"], report["replays_in_grace"], report["ended"]) == (2, 0, None)


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
def test_threads_that_outlive_the_function_of_a_child_come_to_their_end_first(
    visma: Emulator, tmp_path: Path, method: str
) -> None:
    with persistent(tmp_path) as client:
        visma.log_in(visma.web_app(client), "user-7")
    script = """
    import multiprocessing, sys
    import refreshing

    child = multiprocessing.get_context(sys.argv[2]).Process(target=refreshing.go_on_in_threads, args=(sys.argv[1],))
    child.start()
    child.join()
    """
    child = program(script, arguments=[str(tmp_path), method])
    assert [line_of(child), line_of(child)] == ["refreshed", "refreshed"]
    assert child.wait(timeout=20) == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
def test_ctrl_c_ends_the_waiting(visma: Emulator, tmp_path: Path) -> None:
    with persistent(tmp_path) as client:
        visma.log_in(visma.web_app(client), "user-7")
    before = len(visma.requests("isv_web"))
    script = """
    import atexit, signal
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.stderr.close()
    kept = begin(sys.argv[1])
    """
    with visma.held_back("isv_web"):
        began = time.monotonic()
        child = program(BEGIN, script, arguments=[str(tmp_path)])
        visma.wait_for_requests("isv_web", before + 1)
        while child.poll() is None:
            child.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                child.wait(timeout=0.2)
        # Nothing was released, so nothing else but the limit of 10 seconds could have ended it.
        assert time.monotonic() - began < 9


def test_a_store_of_the_application_is_called_at_the_end_of_the_process(visma: Emulator, tmp_path: Path) -> None:
    script = """
    from grantline import Client, SealingKeys, Store

    class Folder:
        def load(self, name):
            path = Path(sys.argv[1], name)
            return path.read_bytes() if path.exists() else None
        def save(self, name, data):
            Path(sys.argv[1], name).write_bytes(data)
        def delete(self, name):
            Path(sys.argv[1], name).unlink(missing_ok=True)
        def list(self, prefix):
            return [path.name for path in Path(sys.argv[1]).iterdir() if path.name.startswith(prefix)]

    def client():
        return Client(store=Store.blobs(Folder()), sealing_keys=SealingKeys.dangerous_plaintext())

    if sys.argv[2] == "first":
        emulator.log_in(emulator.web_app(client()), "user-7")
        print("ready", flush=True)
        sys.stdin.readline()
        begun(emulator, emulator.web_app(client()).session("user-7"))
    else:
        print(emulator.web_app(client()).session("user-7").fresh_token().generation, flush=True)
    """
    first = program(BEGIN, script, arguments=[str(tmp_path), "first"])
    assert line_of(first) == "ready"
    before = len(visma.requests("isv_web"))
    with visma.held_back("isv_web"):
        go_on(first)
        visma.wait_for_requests("isv_web", before + 1)
    assert first.wait(timeout=20) == 0
    second = program(BEGIN, script, arguments=[str(tmp_path), "second"])
    assert line_of(second) == "2"
    assert second.wait(timeout=20) == 0


def test_a_method_that_hangs_does_not_keep_the_process_from_ending(visma: Emulator, tmp_path: Path) -> None:
    script = """
    import threading, time
    from grantline import Client, SealingKeys, Store, StoreError

    class Hangs:
        def load(self, name):
            threading.Event().wait()
        save = delete = list = load

    client = Client(store=Store.blobs(Hangs()), sealing_keys=SealingKeys.dangerous_plaintext())
    session = emulator.web_app(client).session("user-7")
    try:
        session.fresh_token()
    except StoreError as error:
        print(error.code, flush=True)
    """
    child = program(BEGIN, script)
    assert line_of(child) == "store_unavailable"
    assert child.wait(timeout=20) == 0
