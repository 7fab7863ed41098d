"""Real processes share an SQLite file, a Redis or a PostgreSQL: one refresh a session, whoever wants its token."""

import json
import os
import subprocess
import sys
from collections import Counter

import callers
import pytest
from emulator import Emulator, new_name, persistent

SESSIONS = 4


@pytest.mark.parametrize(
    "method",
    [pytest.param("fork", marks=pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")), "spawn"],
)
def test_eight_processes_of_32_threads_make_one_refresh_per_session(visma: Emulator, place: str, method: str) -> None:
    names = [new_name() for _ in range(SESSIONS)]
    grants = []
    with persistent(place) as client, visma.tokens_live(0):
        for name in names:
            visma.log_in(visma.web_app(client), name)
            grants.append(visma.newest_grant())

    program = [sys.executable, "-W", "ignore::DeprecationWarning", callers.__file__, method, place, *names]
    ended = subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True, timeout=120, env=os.environ)
    result = json.loads(ended.stdout)

    each = callers.PROCESSES * callers.THREADS // SESSIONS
    assert Counter(result["got"]) == {f"{name} 2": each for name in names}
    assert result["exits"] == [0] * callers.PROCESSES
    assert result["afterwards"] == [f"{name} 2" for name in names]
    for grant in map(visma.grant, grants):
        assert (grant["refreshes"], grant["replays_in_grace"], grant["replays_refused"]) == (1, 0, 0)
