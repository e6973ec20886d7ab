"""From what a caller asked for, features or a service, to the columns that a flow works with."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pydantic import ValidationError

from featurectl.definitions.columns import ViewColumns, ViewShape, resolve
from featurectl.definitions.service import ViewRef, parse_reference
from featurectl.errors import RequestError, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from featurectl.definitions.repository import Repository

Service = TypeVar("Service")  # as it is defined, or as it is served


def requested_columns(
    repository: Repository,
    features: Sequence[str | ViewRef] | None,
    service: str | None,
    *,
    full_names: bool,
) -> tuple[ViewColumns, ...]:
    """The columns of a service, or of references such as ``view:feature``.

    Raises:
        RequestError: FC309 an unknown service, FC316 neither or both were given, and what
            :func:`featurectl.definitions.columns.resolve` raises.
    """
    check_asked(features, service)
    shapes = _view_shapes(repository)
    if service is None:
        return resolve(references(features or ()), shapes, full_names=full_names)
    found = find_service(service, repository.services)
    return resolve(found.features, shapes, full_names=full_names or found.full_names)


def check_asked(features: Sequence[str | ViewRef] | None, service: str | None) -> None:
    """Refuse a request for nothing, and one for features and a service.

    Raises:
        RequestError: FC316.
    """
    if (service is None) == (not features):
        raise RequestError(
            "FC316",
            "no features were asked for"
            if service is None
            else "features and a service were asked for",
            help=["name one of them: --service NAME or --features view:feature,…"],
        )


def _view_shapes(repository: Repository) -> dict[str, ViewShape]:
    """What a reader must know of each view."""
    return {
        name: ViewShape(
            name,
            repository.join_keys(view),
            {feature: spec.type for feature, spec in view.features.items()},
        )
        for name, view in repository.views.items()
    }


def references(texts: Iterable[str | ViewRef]) -> list[ViewRef]:
    """The references that texts such as ``view:feature`` or ``view`` make.

    Raises:
        RequestError: FC302 a text that is no reference.
    """
    return [text if isinstance(text, ViewRef) else _reference(text) for text in texts]


def find_service(name: str, services: Mapping[str, Service]) -> Service:
    """The service of that name.

    Raises:
        RequestError: FC309, with the nearest name.
    """
    if name not in services:
        raise RequestError(
            "FC309",
            f'there is no service "{name}"',
            caret=did_you_mean(name, services),
            notes=[f"services: {listed(sorted(services))}"],
        )
    return services[name]


def _reference(text: str) -> ViewRef:
    try:
        return ViewRef(**parse_reference(text))
    except (ValueError, ValidationError):
        raise RequestError(
            "FC302", f'"{text}" is not a feature', help=["write view:feature, or a view"]
        ) from None
