"""Where what readers are told, and what sources are made of, is no longer what was applied. Pure.

Nothing here looks at the definitions in the files: how those differ from what is applied is a plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from featurectl.errors import listed
from featurectl.flows.publish import is_as_published, manifest_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from featurectl.definitions.manifest import Manifest
    from featurectl.definitions.snapshot import Snapshot


@dataclass(frozen=True)
class Drift:
    """One disagreement: what it is about, how it is, and what sets it right.

    ``name`` is that of the source, empty of the manifest. ``harmless``: nothing that is applied is
    affected.
    """

    about: Literal["manifest", "source"]
    name: str
    text: str
    help: str
    harmless: bool = False

    @property
    def line(self) -> str:
        """All of it in one line."""
        return f"{self.text}; {self.help}" if self.help else self.text

    def document(self) -> dict[str, str]:
        """The JSON form."""
        return {"about": self.about, "name": self.name, "text": self.text, "help": self.help}


def manifest_drift(snapshot: Snapshot, held: Manifest | None) -> Drift | None:
    """How the manifest that the store holds differs from the one that was published; None if not.

    ``held`` is None where the store has none. Of an environment in which nothing is applied, only
    what another registry has published differs.
    """
    if held is None:
        return _manifest(*_ABSENT) if snapshot.serial else None
    if held.lineage != snapshot.lineage:
        return _of_another(held) if held.views else None
    if held.revision != snapshot.revision:
        return _of_another_time(snapshot, held)
    return _edited(snapshot, held)


_ABSENT = (
    "the online store has no manifest: every read fails",
    "featurectl apply publishes it, and featurectl materialize loads what the store has lost",
)


def _manifest(text: str, help: str) -> Drift:  # noqa: A002 - as in errors
    return Drift("manifest", "", text, help)


def _of_another(held: Manifest) -> Drift:
    views = "1 view" if len(held.views) == 1 else f"{len(held.views)} views"
    return _manifest(
        f"the online store serves {views} of another registry, which was at serial {held.serial}",
        "use that registry; to take its place: featurectl apply --allow breaking, then materialize",
    )


def _of_another_time(snapshot: Snapshot, held: Manifest) -> Drift:
    is_older, same = held.revision < snapshot.revision, held.serial == snapshot.serial
    state = ("an earlier state of " if is_older else "a later state of ") if same else ""
    has = f"the online store has the manifest of {state}serial {held.serial}"
    if is_older:
        now = "" if same else f", and serial {snapshot.serial} is applied"
        return _manifest(
            f"{has}{now}: readers do not see all that is applied", "featurectl apply publishes it"
        )
    return _manifest(
        f"{has}, but the registry is at serial {snapshot.serial}: it was restored from an older "
        "copy",
        "bring the registry's newest copy back; what is applied with this one is not published "
        "until it has come as far",
    )


def _edited(snapshot: Snapshot, held: Manifest) -> Drift | None:
    if is_as_published(held, snapshot):
        return None
    parts = list(_differing(held, manifest_of(snapshot)))
    return _manifest(
        f"the manifest in the online store is not what was published at serial {snapshot.serial}"
        + (f": {listed(parts)} {'differs' if len(parts) == 1 else 'differ'}" if parts else ""),
        "featurectl apply publishes it again; readers that are running keep what they have read "
        "until the next change",
    )


def _differing(held: Manifest, wanted: Manifest) -> Iterator[str]:
    for kind, ours, theirs in (
        ("view", wanted.views, held.views),
        ("service", wanted.services, held.services),
    ):
        for name in sorted({*ours, *theirs}):
            if ours.get(name) != theirs.get(name):
                yield f"{kind} {name}"
