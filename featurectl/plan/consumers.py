"""Which applied services read what; services that leave with the plan don't count."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from featurectl.definitions.repository import Repository


class Consumers:
    """Readers of views and features, by the names that are applied."""

    def __init__(self, applied: Repository, staying: Iterable[str]) -> None:
        self._readers: dict[tuple[str, str], set[str]] = defaultdict(set)
        for name in set(staying) & set(applied.services):
            for ref in applied.services[name].features:
                self._readers[ref.view, ""].add(name)
                for feature in ref.features or applied.views[ref.view].features:
                    self._readers[ref.view, feature].add(name)

    def of(self, view: str, feature: str = "") -> frozenset[str]:
        """The services that read the feature, or without one anything of the view."""
        return frozenset(self._readers.get((view, feature), ()))
