"""What rows weigh in an online store, and how much more it can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Scale(Protocol):
    """Weighs rows without writing them.

    Raises :class:`StoreError` as :class:`~featurectl.online.protocol.OnlineStore` does, where it
    has to ask the store.
    """

    @property
    def kind(self) -> str:
        """What the store is called, such as ``Redis``."""
        ...

    def weigh(self, keys: Sequence[bytes], values: Sequence[bytes], *, expire: bool) -> int:
        """The bytes that these rows take in the store, with what it needs itself for each key.

        Near, within about a tenth (Valkey takes less). ``expire``: the rows have an expiry. The
        store is not asked.
        """
        ...

    def free_bytes(self) -> int | None:
        """How much more it can hold; None where it has no bound of its own, or does not say."""
        ...

    def close(self) -> None:
        """Give connections back."""
        ...
