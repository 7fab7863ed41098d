"""The end of a process: what has been sent is waited for, ten seconds at most, so that no answer is lost."""

from __future__ import annotations

import atexit
import os
import sys

from grantline._grantline import end_process


class _Child:
    """Marks the entry in the registry of multiprocessing, which holds it weakly."""


_CHILD = _Child()


def _in_a_forked_child() -> None:
    # A child of multiprocessing that was forked ends by finalizers of its own instead of `atexit`. It drops those that
    # it finds when it begins, and then calls whom `register_after_fork` knows.
    multiprocessing = sys.modules.get("multiprocessing.util")
    if multiprocessing is not None:
        multiprocessing.register_after_fork(
            _CHILD, lambda _: multiprocessing.Finalize(None, end_process, exitpriority=-100)
        )


atexit.register(end_process)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_a_forked_child)
