"""Many processes of many threads that all want the tokens of the same sessions: started as a program.

Its arguments are the start method of multiprocessing, where the sessions are kept, and their names; it prints what each
caller got.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
from collections.abc import Sequence
from multiprocessing.pool import ThreadPool
from typing import Any

from emulator import Emulator, persistent

from grantline import GrantlineError, WebApp

PROCESSES = 8
THREADS = 32


def app(place: str) -> WebApp:
    """The web application, with the sessions in that place."""
    emulator = Emulator(os.environ["GRANTLINE_EMULATOR_URL"], "visma")
    return emulator.web_app(persistent(place))


def ask(app: WebApp, name: str, gate: threading.Barrier) -> str:
    """What one caller gets, when all have come so far."""
    gate.wait()
    return answer(app, name)


def answer(app: WebApp, name: str) -> str:
    """What a caller gets."""
    try:
        return f"{name} {app.session(name).fresh_token().generation}"
    except GrantlineError as error:
        return f"{name} {error.code}"


def work(app_or_place: WebApp | str, names: Sequence[str], ready: Any, answers: Any) -> None:
    """One process. A forked one works through the objects of its parent.

    `ready`: a barrier of all processes. `answers`: a queue for what the callers got.
    """
    web_app = app(app_or_place) if isinstance(app_or_place, str) else app_or_place

    def all_processes() -> None:
        ready.wait()

    gate = threading.Barrier(THREADS, action=all_processes)
    with ThreadPool(THREADS) as pool:
        callers = [(web_app, names[number % len(names)], gate) for number in range(THREADS)]
        answers.put(pool.starmap(ask, callers, chunksize=1))


def main(method: str, place: str, *names: str) -> None:
    """Starts the processes, and prints what their callers got."""
    context: Any = multiprocessing.get_context(method)
    ready, answers = context.Barrier(PROCESSES), context.Queue()
    own = app(place)
    # It has a connection, which is none of its children's.
    known = {session for session in own.sessions()}
    shared = own if method == "fork" else place
    children = [context.Process(target=work, args=(shared, names, ready, answers)) for _ in range(PROCESSES)]
    for child in children:
        child.start()
    got = [answer for _ in children for answer in answers.get()]
    for child in children:
        child.join()
    exits = [child.exitcode for child in children]
    afterwards = [answer(own, name) for name in names if name in known]
    print(json.dumps({"got": got, "exits": exits, "afterwards": afterwards}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
