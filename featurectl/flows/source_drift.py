"""What has changed in the columns of the sources since they were applied. Pure.

Works on the canonical documents of a snapshot, so that ``status`` need not load the classes.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from featurectl.definitions.types import TIME_COLUMNS, column_fits, spoken
from featurectl.errors import listed
from featurectl.flows.drift import Drift

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from featurectl.definitions.snapshot import Snapshot

    Columns = Mapping[str, str]
    Document = Mapping[str, Any]

_SEE = "featurectl plan says where, and what to do"


@dataclass(frozen=True)
class Use:
    """What a column is read as: how messages name it, and its declared type, None of a time."""

    what: str
    type: str | None

    def takes(self, column: str) -> bool:
        """Whether a column of that type can be read so."""
        return column in TIME_COLUMNS if self.type is None else column_fits(column, self.type)


def source_drift(
    snapshot: Snapshot,
    before: Mapping[str, Columns],
    now: Mapping[str, Columns],
    *,
    views: Collection[str] | None = None,
) -> tuple[Drift, ...]:
    """How the columns of applied sources differ from those that they were applied with.

    ``before`` and ``now`` have columns with their types by source; a source that is missing in
    either is not judged. Columns that no applied view reads (of ``views``, where given) are one
    harmless remark for each source.
    """
    differs = {name for name in before.keys() & now.keys() if before[name] != now[name]}
    uses = uses_of(snapshot, views) if differs else {}
    found: list[Drift] = []
    for source in sorted(uses.keys() & differs):
        found += _read(source, before[source], now[source], uses[source])
        found += _unread(source, before[source], now[source], uses[source])
    return tuple(found)


def fits(uses: Mapping[str, Collection[Use]], columns: Columns) -> bool:
    """Whether every column that is read is there, and can be read as it is declared."""
    return all(
        column in columns and all(use.takes(columns[column]) for use in found)
        for column, found in uses.items()
    )


def uses_of(
    snapshot: Snapshot, views: Collection[str] | None = None
) -> dict[str, dict[str, list[Use]]]:
    """By applied source, the columns that are read, and as what; of some views or of all."""
    entities, sources = snapshot.documents("entity"), snapshot.documents("source")
    found: dict[str, dict[str, list[Use]]] = {}
    for name, view in snapshot.documents("view").items():
        if views is not None and name not in views:
            continue
        source = sources[view["source"]]
        columns = found.setdefault(source["name"], defaultdict(list, _times(source)))
        own = {to: column for column, to in source["columns"].items()}
        for asked, use in _asked(view, entities):
            columns[own.get(asked, asked)].append(use)
    return found


def _times(source: Document) -> dict[str, list[Use]]:
    fields = ("event_timestamp", "created_timestamp")
    return {source[field]: [Use(field, None)] for field in fields if source[field]}


def _asked(view: Document, entities: Mapping[str, Document]) -> Iterator[tuple[str, Use]]:
    for entity in view["entities"]:
        for key in entities[entity]["join_keys"]:
            yield key["name"], Use(f"join key {key['name']} of view {view['name']}", key["type"])
    for feature in view["features"]:
        what = f"feature {feature['name']} of view {view['name']}"
        yield feature["name"], Use(what, feature["type"])


def _read(
    source: str, before: Columns, now: Columns, uses: Mapping[str, list[Use]]
) -> Iterator[Drift]:
    for column in sorted(uses.keys() & before.keys()):
        if before[column] == now.get(column):
            continue
        was = f"was {spoken(before[column])} when it was applied"
        who = listed([use.what for use in uses[column]], 3)
        if column not in now:
            text = f"source {source}: column {column} is gone, which {was} ({who})"
            yield Drift("source", source, text, _SEE)
            continue
        text = f"source {source}: column {column} is {spoken(now[column])}, and {was} ({who})"
        fits = all(use.takes(now[column]) for use in uses[column])
        yield Drift(
            "source", source, text, "it still fits: apply takes note of it" if fits else _SEE
        )


def _unread(
    source: str, before: Columns, now: Columns, uses: Mapping[str, list[Use]]
) -> Iterator[Drift]:
    unread = [column for column in {**before, **now} if column not in uses]
    parts = {
        "new": [column for column in unread if column not in before],
        "gone": [column for column in unread if column not in now],
        "of another type": [c for c in unread if c in before and c in now and before[c] != now[c]],
    }
    said = [f"{listed(sorted(names), 5)} {how}" for how, names in parts.items() if names]
    if said:
        text = f"source {source}: columns that nothing reads: {', '.join(said)}"
        yield Drift("source", source, text, "", harmless=True)
