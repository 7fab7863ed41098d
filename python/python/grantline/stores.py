"""What a store of the application's own has to do."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable
from typing import NamedTuple, Protocol


class BlobStore(Protocol):
    """A place for bytes that one process uses at a time: a keychain, a file of the application.

    Names hold lower-case letters, digits and ``. - ~ +``, at most 2 KiB of them, and differ by more than case. Bytes
    are whatever was saved, at most 2 MiB in practice. Calls for the same name come one after the other, others at the
    same time. After 5 seconds nobody waits for a call any more, and nothing else is asked under its name until it
    comes back. Each method may be ``async``.

    What a method raises is ``store_misbehaved``, but for a ``StoreError``, which says by its code what is the matter:
    ``store_denied`` for a locked keychain, ``store_full``, ``store_unavailable`` for what passes by itself. None of
    them makes grantline delete anything.

    >>> from grantline import Client, SealingKeys, Store
    >>> class InMemory:
    ...     def __init__(self):
    ...         self.kept = {}
    ...     def load(self, name):
    ...         return self.kept.get(name)
    ...     def save(self, name, data):
    ...         self.kept[name] = data
    ...     def delete(self, name):
    ...         self.kept.pop(name, None)
    ...     def list(self, prefix):
    ...         return [name for name in self.kept if name.startswith(prefix)]
    >>> client = Client(store=Store.blobs(InMemory()), sealing_keys=SealingKeys.dangerous_plaintext())
    """

    def load(self, name: str, /) -> bytes | None | Awaitable[bytes | None]:
        """What was saved last under that name; ``None`` if nothing is there."""

    def save(self, name: str, data: bytes, /) -> None | Awaitable[None]:
        """Keeps the bytes in the place of what was there, wholly or not at all. To return means that they are safe."""

    def delete(self, name: str, /) -> None | Awaitable[None]:
        """Removes what is there, if anything."""

    def list(self, prefix: str, /) -> Iterable[str] | Awaitable[Iterable[str]]:
        """All names that begin so, in any order."""


class Snapshot(NamedTuple):
    """What a ``SharedStore`` reads."""

    clock: float
    """The store's own clock, read before or with the rest: seconds, from any beginning. Leases count by it, so it is
    the same for all processes."""

    version: str | None = None
    """Which version of the bytes; ``None`` if nothing is there. Another one with every write; only the store reads it."""

    data: bytes | None = None
    """What was kept; ``None`` if nothing is there."""


class SharedStore(Protocol):
    """A place for bytes that many processes use at the same time: a table, a document store.

    It writes only over the version that was read, in one atomic step. Names, bytes, time limits and failures are as
    for a ``BlobStore``, but calls for the same name come at the same time, from anywhere. With a table
    ``(name text primary key, version bigint, data bytea)``:

    ===========================  ==================================================================================
    ``load``                     ``SELECT version, data FROM t WHERE name = $1``, and the database's clock
    ``replace``, nothing there   ``INSERT INTO t VALUES ($1, nextval('v'), $2) ON CONFLICT DO NOTHING``
    ``replace``, over a version  ``UPDATE t SET version = nextval('v'), data = $3 WHERE name = $1 AND version = $2``
    ``delete``                   ``DELETE FROM t WHERE name = $1 AND version = $2``
    ``list``                     ``SELECT name ... WHERE name > $2 COLLATE "C" ORDER BY name COLLATE "C" LIMIT $3``
    ===========================  ==================================================================================

    A version must not come back: take a number that grows over the whole table, as here, or a random one.
    """

    def load(self, name: str, /) -> Snapshot | Awaitable[Snapshot]:
        """What is there, and the time."""

    def replace(self, name: str, expected: str | None, data: bytes, /) -> bool | Awaitable[bool]:
        """Keeps the bytes if what is there is still of that version; ``None``: if nothing is there.

        Says whether it did. ``True`` means that they are safe, and that a ``load`` from anywhere gives them.
        """

    def delete(self, name: str, expected: str, /) -> bool | Awaitable[bool]:
        """Removes what is there if it is still of that version. Says whether it did."""

    def list(self, prefix: str, after: str | None, limit: int, /) -> Iterable[str] | Awaitable[Iterable[str]]:
        """Names that begin with ``prefix`` and come after ``after``, in the order of their bytes: the first ``limit``."""
