"""The files as they would be if only some of their changes were made: what ``--only`` plans. Pure.

Of what is selected, and what that needs, the files say what it is to be; all else is as it is
applied.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from featurectl.definitions.columns import ViewShape, resolve
from featurectl.definitions.selector import select_objects
from featurectl.errors import RequestError, raise_all
from featurectl.plan.origin import differences, origin
from featurectl.plan.renames import find_renames

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot

_T = TypeVar("_T")


@dataclass(frozen=True)
class _Selected:
    """The names that the files decide about, by kind; ``gone`` are old names of renamed views."""

    entities: frozenset[str]
    sources: frozenset[str]
    views: frozenset[str]
    services: frozenset[str]
    gone: frozenset[str]

    def has(self, kind: str, name: str) -> bool:
        """Whether the files decide about an object."""
        of_kind = {
            "entity": self.entities,
            "source": self.sources,
            "view": self.views,
            "service": self.services,
        }
        return name in of_kind[kind]


def select(snapshot: Snapshot, repository: Repository, selectors: Sequence[str]) -> Repository:
    """The repository that the snapshot is to be compared with.

    A selected service brings its views, a view its entities and its source. Of the lines that
    acknowledge changes those for selected objects are left.

    Raises:
        RequestError: FC313 a selector matches nothing, FC330 something that is not selected would
            change too, or would read what is no longer there.
    """
    applied = snapshot.repository
    chosen = _selected(applied, repository, selectors)
    found = replace(
        repository,
        entities=_mixed(applied.entities, repository.entities, chosen.entities),
        sources=_mixed(applied.sources, repository.sources, chosen.sources),
        views=_mixed(applied.views, repository.views, chosen.views, chosen.gone),
        services=_mixed(applied.services, repository.services, chosen.services),
        acknowledgements=tuple(
            line for line in repository.acknowledgements if chosen.has(*line.target)
        ),
    )
    raise_all([*_changed(applied, found, chosen), *_dangling(found, chosen)])
    return found


def _selected(applied: Repository, files: Repository, selectors: Sequence[str]) -> _Selected:
    views = {name: view.document() for name, view in {**applied.views, **files.views}.items()}
    services = {
        name: service.document() for name, service in {**applied.services, **files.services}.items()
    }
    named, of_services = select_objects(selectors, views, services)
    renames = find_renames(applied, files).views
    named |= {new for new, old in renames.items() if old in named}
    new = [files.views[name] for name in named if name in files.views]
    return _Selected(
        frozenset(entity for view in new for entity in view.entities),
        frozenset(view.source for view in new),
        frozenset(named),
        frozenset(of_services),
        frozenset(old for name, old in renames.items() if name in named),
    )


def _mixed(
    applied: Mapping[str, _T],
    files: Mapping[str, _T],
    chosen: frozenset[str],
    gone: frozenset[str] = frozenset(),
) -> dict[str, _T]:
    """What is applied, but of what is chosen what the files have."""
    kept = {name: each for name, each in applied.items() if name not in chosen | gone}
    return {**kept, **{name: each for name, each in files.items() if name in chosen}}


def _changed(applied: Repository, found: Repository, chosen: _Selected) -> Iterator[RequestError]:
    """Views that are not selected, and whose rows would come out otherwise all the same."""
    for name, view in sorted(found.views.items()):
        if not chosen.has("view", name):
            for why in differences(origin(applied, view), origin(found, view), {}):
                yield RequestError(
                    "FC330",
                    f'{why.kind} "{why.name}" can\'t change for the selection alone: '
                    f'view "{name}" reads it too ({why.text})',
                    location=found.locate(why.kind, why.name),
                    help=[f"select it too: --only {name}"],
                )


def _dangling(found: Repository, chosen: _Selected) -> Iterator[RequestError]:
    """Services that are not selected, and read what the selection takes away."""
    shapes = {
        name: ViewShape(
            name,
            found.join_keys(view),
            {feature: part.type for feature, part in view.features.items()},
        )
        for name, view in found.views.items()
    }
    for name, service in sorted(found.services.items()):
        if chosen.has("service", name):
            continue
        try:
            resolve(service.features, shapes, full_names=service.full_names)
        except RequestError as error:
            yield RequestError(
                "FC330",
                f'service "{name}" is not selected and could not be read: {error.message}',
                location=found.locate("service", name),
                help=[f"select it too: --only service:{name}"],
            )
