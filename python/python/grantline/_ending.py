"""The end of a process: what has been sent is waited for, ten seconds at most, so that no answer is lost."""

from __future__ import annotations

import atexit
import os
import sys

from grantline._grantline import end_process


class _Children:
    """The forked children of multiprocessing, those of its fork server too. They end without `atexit`: by finalizers,
    of which they drop those that they find when they begin, and then call whom `register_after_fork` knows."""

    def __init__(self) -> None:
        self._are_provided_for = False

    def provide_for(self) -> None:
        """Has them call `end_process`: this process, if it is one, and those that it will fork."""
        # Nobody needs it before it was imported: it forks by a module of its own.
        multiprocessing = sys.modules.get("multiprocessing.util")
        if multiprocessing is None or self._are_provided_for:
            return
        self._are_provided_for = True
        # Queues and pools have priorities from -5 upwards.
        last = -100
        # This is a child already, if it imports grantline itself. Elsewhere it is `atexit` once more.
        multiprocessing.Finalize(None, end_process, exitpriority=last)
        # The registry holds this weakly. A child has it, and hands it on to its own.
        multiprocessing.register_after_fork(
            self, lambda _: multiprocessing.Finalize(None, end_process, exitpriority=last)
        )


_children = _Children()
_children.provide_for()
atexit.register(end_process)
if hasattr(os, "register_at_fork"):
    # By now it may have been imported.
    os.register_at_fork(after_in_child=_children.provide_for)
