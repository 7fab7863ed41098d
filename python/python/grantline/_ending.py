"""The end of a process: what has been sent is waited for, ten seconds at most, so that no answer is lost."""

from __future__ import annotations

import atexit
import os
import sys
import threading

from grantline._grantline import end_process


class _Children:
    """The children of multiprocessing. Those that were forked, also by its fork server, end without `atexit`: by
    finalizers, of which they drop those that they find when they begin, and then call whom `register_after_fork` knows."""

    def __init__(self) -> None:
        self._are_provided_for = False

    def provide_for(self) -> None:
        """Has them end by `_end_child`: this process, if it is one, and those that it will fork."""
        # Nobody needs it before it was imported: it forks by a module of its own.
        multiprocessing = sys.modules.get("multiprocessing.util")
        if multiprocessing is None or self._are_provided_for:
            return
        self._are_provided_for = True

        def provide(_: object) -> None:
            # Queues and pools have priorities from -5 upwards.
            multiprocessing.Finalize(None, _end_child, exitpriority=-100)

        # This is a child that has begun, if its own function imports grantline.
        provide(self)
        # The registry holds this weakly. A child has it, and hands it on to its own.
        multiprocessing.register_after_fork(self, provide)


def _end_child() -> None:
    # Finalizers run before a child's threads are waited for, `atexit` runs after that. A thread is waited for too.
    if sys.modules["multiprocessing.process"].parent_process() is not None:
        threading.Thread(target=_end_after_all_threads, name="grantline-end").start()


def _end_after_all_threads() -> None:
    own = (threading.main_thread(), threading.current_thread())
    while others := [it for it in threading.enumerate() if not it.daemon and it not in own]:
        for thread in others:
            thread.join()
    end_process()


_children = _Children()
_children.provide_for()
atexit.register(end_process)
if hasattr(os, "register_at_fork"):
    # By now it may have been imported.
    os.register_at_fork(after_in_child=_children.provide_for)
