"""Feature services: whether what they name exists, and whether their columns can stand together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from featurectl.definitions.columns import resolve
from featurectl.definitions.service import parse_reference
from featurectl.errors import DefinitionError, RequestError
from featurectl.repo.references import Missing, name_of

if TYPE_CHECKING:
    from featurectl.definitions.columns import ViewColumns, ViewShape
    from featurectl.definitions.service import FeatureService, ViewRef
    from featurectl.definitions.view import FeatureView
    from featurectl.repo.places import Declared
    from featurectl.repo.references import Names


def service_errors(names: Names) -> list[DefinitionError]:
    """What is wrong in each service."""
    errors: list[DefinitionError] = []
    for service in names.declared:
        if service.kind == "service":
            found = _undefined(service, names)
            errors += found or _clashes(service, names)
    return errors


def _undefined(service: Declared, names: Names) -> list[DefinitionError]:
    """FC113 for views, features and join keys that don't exist."""
    errors: list[DefinitionError] = []
    for index, written in enumerate(_references(service)):
        path = ("features", str(index))
        view = name_of(written.get("view"))
        if not view:
            continue
        errors += names.undefined(service, "view", view, (*path, "view"))
        definition = names.definition("view", view)
        if definition is not None:
            errors += _unknown_features(service, path, written, definition)
        shape = names.shape(view)
        if shape is not None:
            errors += _unknown_keys(service, path, written, shape)
    return errors


def _references(service: Declared) -> list[dict[str, Any]]:
    """The references as their keys, also of a service that something is wrong with."""
    if service.definition is not None:
        refs = cast("FeatureService", service.definition).features
        return [ref.model_dump(by_alias=True) for ref in refs]
    written = service.fields.get("features", ())
    return [_reference(each) for each in written] if isinstance(written, (list, tuple)) else []


def _reference(written: Any) -> dict[str, Any]:
    if isinstance(written, dict):
        return written
    if not isinstance(written, str):
        return {"view": getattr(written, "view", written)}
    try:
        return parse_reference(written)
    except ValueError:  # its error is told where the text was read
        return {}


def _unknown_features(
    service: Declared, path: tuple[str, ...], written: dict[str, Any], view: FeatureView
) -> list[DefinitionError]:
    features = written.get("features")
    return [
        Missing(
            "FC113",
            feature,
            f'feature "{feature}" of view "{view.name}"',
            f"features of {view.name}",
            tuple(view.features),
        ).error(service, service.places.value(*path, "features", str(index)))
        for index, feature in enumerate(features if isinstance(features, (list, tuple)) else ())
        if isinstance(feature, str) and feature not in view.features
    ]


def _unknown_keys(
    service: Declared, path: tuple[str, ...], written: dict[str, Any], shape: ViewShape
) -> list[DefinitionError]:
    keys = written.get("join_keys")
    return [
        Missing(
            "FC113",
            key,
            f'join key "{key}" of view "{shape.name}"',
            f"join keys of {shape.name}",
            tuple(shape.join_keys),
        ).error(service, service.places.key(*path, "join_keys", key))
        for key in (keys if isinstance(keys, dict) else ())
        if isinstance(key, str) and key not in shape.join_keys
    ]


def _clashes(service: Declared, names: Names) -> list[DefinitionError]:
    """FC114 for output columns of one name, FC115 for a request column of two types.

    The references are taken one after the other: one that clashes with those before it is told
    and left out.
    """
    if service.definition is None:
        return []
    definition = cast("FeatureService", service.definition)
    shapes = {ref.view: names.shape(ref.view) for ref in definition.features}
    known = {name: shape for name, shape in shapes.items() if shape is not None}
    if len(known) != len(shapes):
        return []
    errors: list[DefinitionError] = []
    taken: list[ViewRef] = []
    for index, ref in enumerate(definition.features):
        problem = _clash([*taken, ref], known, full_names=definition.full_names)
        if problem is None:
            taken.append(ref)
        else:
            errors.append(_at(problem, service, index))
    return errors


def _clash(
    refs: list[ViewRef], shapes: dict[str, ViewShape], *, full_names: bool
) -> DefinitionError | None:
    try:
        uses = resolve(refs, shapes, full_names=full_names)
    except RequestError as error:
        return DefinitionError(
            "FC114",
            error.message,
            notes=error.notes,
            help=_apart(full_names=full_names),
        )
    return _clashing_columns(uses, full_names=full_names)


def _clashing_columns(uses: tuple[ViewColumns, ...], *, full_names: bool) -> DefinitionError | None:
    seen: dict[str, tuple[str, str]] = {}
    for use in uses:
        for key in use.keys:
            label, kind = seen.setdefault(key.column.lower(), (use.label, key.type))
            if kind != key.type:
                return DefinitionError(
                    "FC115",
                    f'the join key column "{key.column}" has two types: '
                    f"{kind} for {label}, {key.type} for {use.label}",
                    help=["give one of them another column: join_keys: {KEY: COLUMN}"],
                )
    for use in uses:
        for column in use.features:
            if column.output.lower() in seen:
                return DefinitionError(
                    "FC114",
                    f'the output column "{column.output}" of {use.label}:{column.feature} '
                    "is named like a join key column",
                    help=_apart(full_names=full_names),
                )
    return None


def _apart(*, full_names: bool) -> list[str]:
    if full_names:
        return ["give one of the views another alias: {view: VIEW, as: NAME}"]
    return ["name the columns view__feature: full_names: true"]


def _at(problem: DefinitionError, service: Declared, index: int) -> DefinitionError:
    problem.location = service.places.value("features", str(index))
    problem.message = f'service "{service.name}": {problem.message}'
    return problem
