"""What the native module awaits for a store of the application."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TypeVar

Answer = TypeVar("Answer")


async def awaited(awaitable: Awaitable[Answer]) -> Answer:
    """A coroutine for any awaitable: ``run_coroutine_threadsafe`` takes nothing else."""
    return await awaitable
