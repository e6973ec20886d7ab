"""A plan: what apply would change, as data that is printed, stored, compared and carried out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from featurectl.definitions.definition import canonical_json
from featurectl.definitions.instant import format_instant
from featurectl.plan.impact import Impact, StoreRoom

if TYPE_CHECKING:
    from featurectl.definitions.definition import Document
    from featurectl.definitions.repository import Repository
    from featurectl.definitions.view import FeatureView

FORMAT = "featurectl.plan/1"
GONE = "no longer in the files"  # why something is destroyed

Action = Literal["create", "update", "rebuild", "rename", "destroy"]
ChangeClass = Literal["metadata", "rename", "additive", "narrowing", "breaking", "destroy"]

_ACTIONS: tuple[Action, ...] = ("create", "update", "rebuild", "destroy", "rename")
SEVERITY: tuple[ChangeClass, ...] = (
    "metadata",
    "rename",
    "additive",
    "narrowing",
    "breaking",
    "destroy",
)


@dataclass(frozen=True)
class FieldChange:
    """One field, old and new, as JSON values; None on the side where it isn't there.

    ``path`` has dots: ``ttl``, ``features.visibility.type``. A feature that comes or goes is one
    change at ``features.visibility`` between its type and None, a renamed one a change of
    ``features.NEW.name``. ``note`` says what follows from it, for a person. Two changes are equal
    when they decide the same, wherever the definition stands and whatever is said of it.
    """

    path: str
    old: Any
    new: Any
    change_class: ChangeClass = "metadata"
    note: str = field(default="", compare=False)
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    @property
    def feature(self) -> str:
        """The feature that the path is about, by its new name; empty when it is about none."""
        top, _, rest = self.path.partition(".")
        return rest.partition(".")[0] if top == "features" else ""


@dataclass(frozen=True)
class Change:
    """What becomes of one object.

    ``old_name`` is what an object was called whose own name changes (``action`` rename); where
    features have new names, it is an update of class ``rename``. ``consumers`` are the applied
    services that read what changes, and stay. ``acknowledged`` is the reason that a reviewed line
    in the files gives for the change, empty without one.
    ``is_protected``: it would be destroyed although its applied definition forbids that.
    """

    kind: str
    name: str
    action: Action
    change_class: ChangeClass
    fields: tuple[FieldChange, ...] = ()
    consumers: tuple[str, ...] = ()
    reason: str = field(default="", compare=False)
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)
    old_name: str = ""
    is_protected: bool = False
    acknowledged: str = field(default="", compare=False)
    impact: Impact = field(default=Impact(), compare=False)

    def document(self) -> Document:
        """The JSON form."""
        return {
            "kind": self.kind,
            "name": self.name,
            "action": self.action,
            "class": self.change_class,
            "fields": [_field_document(change) for change in self.fields],
            "consumers": list(self.consumers),
            "reason": self.reason,
            "file": self.file,
            "line": self.line,
            "renamed_from": self.old_name or None,
            "prevent_destroy": self.is_protected,
            "acknowledged": self.acknowledged or None,
            "impact": self.impact.document(),
        }


@dataclass(frozen=True)
class Plan:
    """The difference between what is applied in ``env`` at ``serial`` and the files.

    ``definitions`` is the hash of everything in the files that the plan depends on. ``git``,
    ``made_by`` and ``made_at_us`` are for information: they never make a plan stale. ``notes`` are
    for a person: what differs beside the definitions, and lines in the files that have no effect.
    ``only`` are the selectors of what was looked at, empty for everything.
    """

    project: str
    env: str
    lineage: str
    serial: int
    definitions: str
    changes: tuple[Change, ...] = ()
    git: str = ""
    made_by: str = ""
    made_at_us: int = 0
    notes: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    store: StoreRoom | None = field(default=None, compare=False)

    @property
    def summary(self) -> dict[str, int]:
        """How many objects each action concerns."""
        return {
            action: sum(change.action == action for change in self.changes) for action in _ACTIONS
        }

    @property
    def has_changes(self) -> bool:
        """Whether apply would change anything."""
        return bool(self.changes)

    def document(self) -> Document:
        """The JSON form, which can be saved and read again; it holds no secrets."""
        return {
            "format": FORMAT,
            "project": self.project,
            "env": self.env,
            "lineage": self.lineage,
            "serial": self.serial,
            "definitions": self.definitions,
            "git": self.git,
            "made_by": self.made_by,
            "made_at": format_instant(self.made_at_us),
            "changes": [change.document() for change in self.changes],
            "summary": self.summary,
            "notes": list(self.notes),
            "only": list(self.only),
            "store": self.store.document() if self.store else None,
        }

    def to_json(self) -> str:
        """The text of a saved plan."""
        return json.dumps(self.document(), indent=2, ensure_ascii=False) + "\n"


def worst(classes: list[ChangeClass]) -> ChangeClass:
    """The severest of some classes; ``metadata`` of none."""
    return max(classes, key=SEVERITY.index, default="metadata")


def definitions_hash(repository: Repository) -> str:
    """A short text that differs when anything differs that a plan is made from.

    Formatting, comments, the order of objects and the files they stand in play no part; the hints
    ``renamed_from`` do.
    """
    texts = [
        f"{kind} {text} {_hints(repository.views[name]) if kind == 'view' else ''}"
        for (kind, name), text in repository.texts.items()
    ]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def _hints(view: FeatureView) -> str:
    """The new names with their old ones, of the view and of its features; empty without any."""
    renamed = {n: part.renamed_from for n, part in view.features.items() if part.renamed_from}
    return (
        canonical_json({"": view.renamed_from, **renamed}) if renamed or view.renamed_from else ""
    )


def _field_document(change: FieldChange) -> Document:
    return {
        "path": change.path,
        "old": change.old,
        "new": change.new,
        "class": change.change_class,
        "note": change.note,
        "file": change.file,
        "line": change.line,
    }
