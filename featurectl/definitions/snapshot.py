"""What is applied in one environment at one serial.

Objects are held as their canonical documents and decoded when asked for, so that a command that
only lists them does not load the classes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.definitions.binding import Binding
    from featurectl.definitions.repository import Repository


@dataclass(frozen=True)
class Applied:
    """One object as it was applied, and the serial since which it holds."""

    kind: str
    name: str
    document: Mapping[str, Any]
    fingerprint: str
    serial: int


@dataclass(frozen=True)
class Snapshot:
    """Everything that is applied in ``env``.

    ``serial`` is 0 before the first apply. ``revision`` rises with every change of definitions or
    bindings, and orders manifests. ``lineage`` names the registry since its creation. ``owners``
    says of each generation that the bindings name which environment's runs write it, ``shared``
    which of them another environment names too.
    """

    project: str
    env: str
    lineage: str
    serial: int = 0
    revision: int = 0
    objects: Mapping[tuple[str, str], Applied] = field(default_factory=dict)
    bindings: Mapping[str, Binding] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()

    def owner(self, generation: str) -> str:
        """The environment whose runs write the generation; this one's own where it is new."""
        return self.owners.get(generation, self.env)

    def documents(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """The documents of one kind by name, sorted."""
        found = (applied for applied in self.objects.values() if applied.kind == kind)
        return {applied.name: applied.document for applied in sorted(found, key=lambda a: a.name)}

    @cached_property
    def repository(self) -> Repository:
        """The applied definitions as objects; services list their features explicitly."""
        from featurectl.definitions.decode import decode_repository  # noqa: PLC0415 - loads pydantic; see above

        return decode_repository(self)
