"""For tests of an application: the contract of stores, which every store of grantline passes.

>>> from grantline import Store
>>> from grantline.testing import check_store
>>> store = Store.memory()
>>> check_store(lambda: store) > 40
True
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from grantline import _grantline
from grantline._grantline import Store

__all__ = ["check_store", "check_store_async"]


def check_store(open: Callable[[], Store]) -> int:
    """Checks a store against every rule of the contract, and gives the number of rules, all of which it kept.

    ``open``: makes the store, such as ``lambda: Store.shared(MyTable(...))``. It is called again and again, and gives the
    same place each time. A blob store is let go of before the next one is made, which has to find what was written;
    shared ones are used at the same time, as by several processes. The place need not be empty: what the check writes
    there has names that nobody else has, and is removed.

    Raises ``AssertionError``, which names each rule that was broken.
    """
    return _grantline.check_store(open)


async def check_store_async(open: Callable[[], Store]) -> int:
    """As ``check_store``, for a store with async methods: ``open`` is called where this event loop runs."""
    event_loop = asyncio.get_running_loop()

    async def opened() -> Store:
        return open()

    def open_there() -> Store:
        return asyncio.run_coroutine_threadsafe(opened(), event_loop).result()

    return await asyncio.to_thread(_grantline.check_store, open_there)
