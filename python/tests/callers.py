"""Many processes of many threads that all want the tokens of the same sessions: started as a program.

Its arguments are the start method of multiprocessing and the folder of the sessions; it prints what each caller got.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import threading
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

from emulator import Emulator, persistent

from grantline import GrantlineError, WebApp

PROCESSES = 8
THREADS = 32
SESSIONS = 4


def app(folder: str) -> WebApp:
    """The web application, with the sessions in that folder."""
    emulator = Emulator(os.environ["GRANTLINE_EMULATOR_URL"], "visma")
    return emulator.web_app(persistent(Path(folder)))


def ask(app: WebApp, number: int, gate: threading.Barrier) -> str:
    """What one caller gets, when all have come so far."""
    session = app.session(f"user-{number % SESSIONS}")
    gate.wait()
    try:
        return f"{session.id} {session.fresh_token().generation}"
    except GrantlineError as error:
        return f"{session.id} {error.code}"


def work(app_or_folder: WebApp | str, ready: Any, answers: Any) -> None:
    """One process. A forked one works through the objects of its parent.

    `ready`: a barrier of all processes. `answers`: a queue for what the callers got.
    """
    web_app = app(app_or_folder) if isinstance(app_or_folder, str) else app_or_folder

    def all_processes() -> None:
        ready.wait()

    gate = threading.Barrier(THREADS, action=all_processes)
    with ThreadPool(THREADS) as pool:
        answers.put(pool.starmap(ask, [(web_app, number, gate) for number in range(THREADS)], chunksize=1))


def main(method: str, folder: str) -> None:
    """Starts the processes, and prints what their callers got."""
    context: Any = multiprocessing.get_context(method)
    ready, answers = context.Barrier(PROCESSES), context.Queue()
    shared = app(folder) if method == "fork" else folder
    children = [context.Process(target=work, args=(shared, ready, answers)) for _ in range(PROCESSES)]
    for child in children:
        child.start()
    got = [answer for _ in children for answer in answers.get()]
    for child in children:
        child.join()
    print(json.dumps({"got": got, "exits": [child.exitcode for child in children]}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
