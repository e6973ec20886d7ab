"""What a caller asked of a training set, in the caller's own terms: enough to ask it again."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from featurectl.definitions.instant import format_instant, parse_instant
from featurectl.definitions.service import ViewRef

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MEMORY = "memory"  # an entity frame that the caller handed over
STDIN = "-"
_INSTANTS = ("start_us", "end_us", "at_us")
_LISTS = ("features",)


@dataclass(frozen=True)
class Asked:
    """A request for a training set.

    Args:
        entities: the entity frame's path as it was given, ``-`` (standard input) or ``memory``;
            None where the rows come from ``sql``, or are made from the views.
        sql: the query that gives the entity rows.
        features: references such as ``view:feature``, or the document of a ``ViewRef``, in order.
        service: the feature service, instead of ``features``.
        full_names: whether columns are named ``view__feature``.
        known_at: only what was created by the time of each row.
        as_served: only what the online store would have answered then.
        start_us: without an entity frame: event times from here on, microseconds since 1970.
        end_us: to here.
        at_us: instead of these, the one time of all rows.
        event_timestamp: the frame's column that holds the time of each row.
        from_files: definitions of the files, applied or not.
        prove: whether the rows carry what proves them, and are checked by it.
        sample: so many rows of the frame, by ``seed``.
        split: the parts, such as ``train=0.8,test=0.2``; ``split_by`` says along what.
        seed: of the sample and of a random split.
    """

    entities: str | None = None
    sql: str | None = None
    features: tuple[str | Mapping[str, Any], ...] = ()
    service: str | None = None
    full_names: bool = False
    known_at: bool = False
    as_served: bool = False
    start_us: int | None = None
    end_us: int | None = None
    at_us: int | None = None
    event_timestamp: str = "event_timestamp"
    from_files: bool = False
    prove: bool = False
    sample: int | None = None
    split: str | None = None
    split_by: str | None = None
    seed: int | None = None

    def references(self) -> list[str | ViewRef]:
        """The features as they are resolved: texts, and what stands under an alias."""
        return [each if isinstance(each, str) else ViewRef(**each) for each in self.features]

    def document(self) -> dict[str, Any]:
        """The JSON form: what was asked for, without what was not; times as ISO 8601."""
        found: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None or value is False or value == ():
                continue
            if field.name in _INSTANTS:
                found[field.name.removesuffix("_us")] = _written(value)
            else:
                found[field.name] = list(value) if field.name in _LISTS else value
        return found


def asked_entities(entities: Any) -> str | None:
    """How a request names its entity frame: by its path, or as one in memory."""
    if entities is None:
        return None
    return str(entities) if isinstance(entities, (str, Path)) else MEMORY


def asked_features(features: Sequence[Any] | None) -> tuple[str | Mapping[str, Any], ...]:
    """References as they were given; a ``ViewRef`` as its document."""
    return tuple(
        each if isinstance(each, str) else each.model_dump(mode="json", by_alias=True)
        for each in features or ()
    )


def read_asked(document: Mapping[str, Any]) -> Asked:
    """The request of :meth:`Asked.document`; keys that a later version knows are left out.

    Raises:
        ValueError: a time that can't be read.
        TypeError: a value of a wrong kind.
    """
    found: dict[str, Any] = {}
    for field in fields(Asked):
        name = field.name.removesuffix("_us") if field.name in _INSTANTS else field.name
        if name not in document:
            continue
        value = document[name]
        if field.name in _INSTANTS:
            found[field.name] = parse_instant(value)
        else:
            found[field.name] = tuple(value) if field.name in _LISTS else value
    return Asked(**found)


def _written(us: int) -> str | int:
    """As ISO 8601 or, beyond the years that have it, as the number itself."""
    text = format_instant(us)
    return text if parse_instant(text) == us else us
