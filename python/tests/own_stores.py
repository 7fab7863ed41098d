"""Stores as an application could bring them: bytes in memory, in both tiers, with sync or with async methods."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from emulator import KEYS

from grantline import Client, Snapshot, Store


class Blobs:
    """Bytes in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load(self, name: str) -> bytes | None:
        return self.kept.get(name)

    def save(self, name: str, data: bytes) -> None:
        self.kept[name] = data

    def delete(self, name: str) -> None:
        self.kept.pop(name, None)

    def list(self, prefix: str) -> list[str]:
        return [name for name in self.kept if name.startswith(prefix)]


class Shared:
    """Bytes in memory, with their versions."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[str, bytes]] = {}
        self.lock = threading.Lock()
        self.writes = 0

    def load(self, name: str) -> Snapshot:
        with self.lock:
            return Snapshot(time.monotonic(), *self.kept.get(name, ()))

    def replace(self, name: str, expected: str | None, data: bytes) -> bool:
        with self.lock:
            if self.kept.get(name, (None,))[0] != expected:
                return False
            self.writes += 1
            self.kept[name] = (str(self.writes), data)
            return True

    def delete(self, name: str, expected: str) -> bool:
        with self.lock:
            if self.kept.get(name, (None,))[0] != expected:
                return False
            del self.kept[name]
            return True

    def list(self, prefix: str, after: str | None, limit: int) -> Iterator[str]:
        with self.lock:
            names = sorted(self.kept)
        return iter([name for name in names if name.startswith(prefix) and name > (after or "")][:limit])


def as_async(store: Any) -> Any:
    """The same store with async methods, each of which lets others go first."""

    class Async:
        pass

    def of(name: str) -> Callable[..., Any]:
        async def method(*arguments: Any) -> Any:
            await asyncio.sleep(0)
            return getattr(store, name)(*arguments)

        return method

    made = Async()
    for name in ("load", "save", "replace", "delete", "list"):
        if hasattr(store, name):
            setattr(made, name, of(name))
    return made


def client_of(store: Store) -> Client:
    """A client that seals what it keeps in a store."""
    return Client(store=store, sealing_keys=KEYS)
