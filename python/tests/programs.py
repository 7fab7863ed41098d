"""Programs that a test starts: Python scripts that can import what the tests share."""

from __future__ import annotations

import atexit
import os
import subprocess
import sys
import textwrap
from collections.abc import Sequence


def program(*parts: str, arguments: Sequence[str] = ()) -> subprocess.Popen[str]:
    """Starts a script of one or more parts, each of its own indentation.

    What it prints can be read; it is ended with the tests, should it still run then.
    """
    environment = {**os.environ, "PYTHONPATH": os.path.dirname(__file__)}
    script = "\n".join(textwrap.dedent(part) for part in parts)
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script, *arguments]
    child = subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )
    atexit.register(child.kill)
    return child


def line_of(child: subprocess.Popen[str]) -> str:
    """The next line that a program prints."""
    assert child.stdout is not None
    return child.stdout.readline().rstrip("\n")


def go_on(child: subprocess.Popen[str]) -> None:
    """Lets a program go on that waits for a line."""
    assert child.stdin is not None
    child.stdin.write("go on\n")
    child.stdin.flush()
