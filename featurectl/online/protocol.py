"""What an online store can do: rows by key, generations of rows, and the manifest of a project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.definitions.manifest import Manifest


@dataclass(frozen=True)
class Rows:
    """Packed rows on their way into a generation.

    ``keys[i]`` with ``values[i]``.

    Keys are complete (``online/keys.py``), values are packed (``online/codec.py``), no key occurs
    twice. ``expires_at_ms`` is when the store may drop them (Unix time), None never.
    """

    keys: Sequence[bytes]
    values: Sequence[bytes]
    expires_at_ms: int | None = None


@dataclass(frozen=True)
class PutCount:
    """What became of rows that were put.

    ``written`` of them, ``created`` of those under a key that was free; the others were refused
    because the store holds a newer row.
    """

    written: int
    created: int


@dataclass(frozen=True)
class Stamp:
    """What a generation in the store says of itself: which run wrote it last, and how far.

    ``watermark_us`` None: of a static source. ``keys`` counts the keys that runs have created.
    """

    run: int
    watermark_us: int | None
    keys: int


class OnlineStore(Protocol):
    """Rows by key.

    Laws: newer wins, atomically: a stored row is replaced only by one whose (event time, created
    time) is equal or greater, in any order of writers. A row that replaces another brings its own
    expiry; one that is refused changes nothing. A reader sees a row of before or of after, never
    parts of both.

    Every method raises :class:`StoreError`: FC601 unreachable, FC602 not allowed to (password,
    ACL), FC603 full, FC604 anything else, in the store's own words, with the URL but never its
    password.
    """

    def put(self, rows: Rows) -> PutCount:
        """Write rows, each unless the store has a newer one; a few round trips per 1,000 rows."""
        ...

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The values of keys, in order, None where there is none: one round trip (per node).

        Keys may occur twice, and may be the version key of a manifest among keys of rows.
        """
        ...

    def delete(self, keys: Sequence[bytes]) -> int:
        """Remove rows by key; how many there were."""
        ...

    def ping(self) -> str:
        """The server's kind and version, such as ``redis 7.0.15``."""
        ...

    def close(self) -> None:
        """Give connections and files back."""
        ...


class Generations(Protocol):
    """Sets of rows under one prefix. No call touches a key outside of the generation it names."""

    def stamp(self, project: str, generation: str) -> Stamp | None:
        """What the generation says of itself; None when it was never written, or was lost."""
        ...

    def mark(self, project: str, generation: str, stamp: Stamp) -> None:
        """Write the stamp; done by a run after its rows are in, and before its watermark moves."""
        ...

    def count(self, project: str, generation: str) -> int:
        """The number of rows, by looking at each key: O(keys of the store)."""
        ...

    def sample(self, project: str, generation: str, size: int) -> list[tuple[bytes, bytes]]:
        """Up to ``size`` keys with their values."""
        ...

    def sweep(self, project: str, generation: str) -> int:
        """Remove every row of the generation and its stamp; how many rows there were."""
        ...


class Manifests(Protocol):
    """The manifest of a project and environment."""

    def publish(self, manifest: Manifest) -> bool:
        """Store manifest and version in one step, unless a newer one of the lineage is there.

        Returns whether it was stored.
        """
        ...

    def read(self, project: str, env: str) -> Manifest | None:
        """The manifest that was published last, None when there is none."""
        ...


class Online(OnlineStore, Generations, Manifests, Protocol):
    """All three over one store: what wiring opens."""
