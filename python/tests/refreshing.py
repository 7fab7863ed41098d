"""A refresh that is begun and left alone. It imports grantline only when it is called."""

from __future__ import annotations

import asyncio
import multiprocessing.util
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emulator import Emulator

    from grantline import Session


def begin(folder: str, emulator: Emulator | None = None) -> Session:
    """Begins a refresh of the session "user-7" in the SQLite file of a folder. The session keeps its client."""
    from emulator import Emulator, persistent

    visma = emulator or Emulator(os.environ["GRANTLINE_EMULATOR_URL"], "visma")
    return begun(visma, visma.web_app(persistent(Path(folder))).session("user-7"))


def begin_and_end(folder: str, emulator: Emulator | None = None) -> None:
    """As `begin`, of a process that comes to its end then, and says so."""
    begin(folder, emulator)
    print("the end", flush=True)


def go_on_in_threads(folder: str) -> None:
    """Leaves two threads behind, one of them in a pool, that refresh the session once the end of the process began."""
    from emulator import Emulator, persistent

    visma = Emulator(os.environ["GRANTLINE_EMULATOR_URL"], "visma")
    session = visma.web_app(persistent(Path(folder))).session("user-7")
    over = threading.Event()
    multiprocessing.util.Finalize(None, over.set, exitpriority=-1000)

    def refresh() -> None:
        over.wait()
        session.refresh()
        # In one piece, since both write at once.
        print("refreshed\n", end="", flush=True)

    threading.Thread(target=refresh).start()
    ThreadPoolExecutor(1).submit(refresh)


def begun(visma: Emulator, session: Session) -> Session:
    """Begins a refresh of a session, and gives up waiting once the request has arrived."""
    session.fresh_token()
    before = len(visma.requests("isv_web"))

    async def cancelled() -> None:
        task = asyncio.ensure_future(asyncio.wait_for(session.refresh_async(), 60))
        await asyncio.to_thread(visma.wait_for_requests, "isv_web", before + 1)
        task.cancel()

    asyncio.run(cancelled())
    return session
