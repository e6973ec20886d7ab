"""Services with their features written out: what a service reads changes only where it is seen.

A service that names a view whole is applied with the list of the view's features at that time. A
feature that the view gets later comes at the end of the service, so that no column that a model
reads by its place moves.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from featurectl.definitions.service import ViewRef
from featurectl.plan.renames import Renames, find_renames

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.service import FeatureService
    from featurectl.definitions.snapshot import Snapshot


class Use(NamedTuple):
    """One use of a view in a service: under its own name, or under an alias with other keys."""

    view: str
    alias: str | None
    join_keys: tuple[tuple[str, str], ...]

    @property
    def label(self) -> str:
        """What full names begin with."""
        return self.alias or self.view


class Column(NamedTuple):
    """One column of a service. ``is_named``: the service itself names the feature."""

    use: Use
    feature: str
    is_named: bool = True

    @property
    def key(self) -> tuple[Use, str]:
        """What makes it the same column."""
        return self.use, self.feature


def pin(repository: Repository, snapshot: Snapshot) -> Repository:
    """The repository with the features of each service written out, in the order they are served.

    A service that names no view whole has the order of the files. One that does keeps the order
    that is applied, with what a view got since at the end, unless the files have put its parts in
    another order. References to one feature twice are one.
    """
    applied = snapshot.repository
    renames = find_renames(applied, repository)
    return repository.with_services(
        {
            name: _pinned(service, columns_of(service, repository, applied, renames))
            for name, service in repository.services.items()
        }
    )


def columns_of(
    service: FeatureService, repository: Repository, applied: Repository, renames: Renames
) -> list[Column]:
    """The columns of a service in the order they are served, each once."""
    before = _applied_keys(service, applied, renames)
    place = {key: index for index, key in enumerate(before)}
    written = _written(service, repository, place)
    if all(column.is_named for column in written):
        return written
    parts = _parts(written)
    starts = [place[part[0].key] for part in parts if part[0].key in place]
    return _settled(parts, place) if starts == sorted(starts) else written


def use_of(ref: ViewRef) -> Use:
    """The use that a reference means; an alias or key that renames nothing is left out."""
    keys = tuple(sorted((key, to) for key, to in ref.join_keys.items() if key != to))
    return Use(ref.view, None if ref.alias == ref.view else ref.alias, keys)


def _written(
    service: FeatureService, repository: Repository, place: Mapping[tuple[Use, str], int]
) -> list[Column]:
    """The columns in the order of the files, a whole view in the order that is applied."""
    found: dict[tuple[Use, str], Column] = {}
    for ref in service.features:
        use = use_of(ref)
        names = ref.features
        if names is None:
            names = tuple(repository.views[ref.view].features)
            names = tuple(sorted(names, key=lambda name: place.get((use, name), len(place))))
        for name in names:
            column = Column(use, name, ref.features is not None)
            found.setdefault(column.key, column)
    return list(found.values())


def _parts(written: Sequence[Column]) -> list[list[Column]]:
    """The columns by part: a feature that the service names, or a view that it names whole."""
    found: list[list[Column]] = []
    for use, group in groupby(written, key=lambda column: (column.use, column.is_named)):
        columns = list(group)
        found += [[column] for column in columns] if use[1] else [columns]
    return found


def _settled(
    parts: Sequence[Sequence[Column]], place: Mapping[tuple[Use, str], int]
) -> list[Column]:
    """What is applied in its order; a new part where the files have it; the rest at the end.

    A part stands where its first column does, so a new one goes before the next that is applied.
    """
    before: dict[tuple[Use, str], list[Column]] = {}
    kept: list[Column] = []
    new_parts: list[Column] = []
    rest: list[Column] = []
    for part in parts:
        if part[0].key not in place:  # within a part, what is applied comes first
            new_parts += part
            continue
        before[part[0].key] = new_parts
        new_parts = []
        kept += [column for column in part if column.key in place]
        rest += [column for column in part if column.key not in place]
    kept.sort(key=lambda column: place[column.key])
    found = [each for column in kept for each in (*before.get(column.key, ()), column)]
    return found + new_parts + rest


def _applied_keys(
    service: FeatureService, applied: Repository, renames: Renames
) -> list[tuple[Use, str]]:
    """The applied columns of the service, under the names that views and features have now."""
    if service.name not in applied.services:
        return []
    found: list[tuple[Use, str]] = []
    for ref in applied.services[service.name].features:
        use = use_of(ref)
        view = renames.new_view(use.view)
        now = use._replace(view=view)
        found += [(now, renames.new_feature(view, name)) for name in ref.features or ()]
    return found


def _pinned(service: FeatureService, columns: Iterable[Column]) -> FeatureService:
    refs = [
        ViewRef(
            use.view,
            alias=use.alias,
            join_keys=dict(use.join_keys),
            features=tuple(column.feature for column in group),
        )
        for use, group in groupby(columns, key=lambda column: column.use)
    ]
    return service.model_copy(update={"features": tuple(refs)})
