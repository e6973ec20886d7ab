"""Which columns a request gives: feature references resolved against the views that exist.

Historical retrieval, online lookup and the check of a service all ask here, so that one reference
means the same columns everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from featurectl.errors import RequestError, did_you_mean, listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from featurectl.definitions.service import ViewRef


@dataclass(frozen=True)
class ViewShape:
    """What a reader must know of a view: its join keys and features, names to types, in order."""

    name: str
    join_keys: Mapping[str, str]
    features: Mapping[str, str]


@dataclass(frozen=True)
class KeyColumn:
    """A join key of a view, and the column of the request that carries it."""

    join_key: str
    column: str
    type: str


@dataclass(frozen=True)
class FeatureColumn:
    """A feature of a view, the output column that carries it, and its place among all of them."""

    feature: str
    output: str
    type: str
    position: int = 0


@dataclass(frozen=True)
class ViewColumns:
    """One use of a view in a request: under its own name, or under an alias with other keys."""

    view: str
    label: str
    keys: tuple[KeyColumn, ...]
    features: tuple[FeatureColumn, ...]


def resolve(
    refs: Sequence[ViewRef], views: Mapping[str, ViewShape], *, full_names: bool
) -> tuple[ViewColumns, ...]:
    """The columns that the references ask for, grouped by use of a view.

    References to one view under one label and the same keys become one use. Output columns are
    ``feature``, or ``label__feature`` with ``full_names``; :func:`in_order` gives their order.

    Raises:
        RequestError: FC301 an unknown view, FC302 an unknown feature, FC303 two columns of one name
            (also when they differ only in case), FC304 a join key that the view does not have.
    """
    uses: dict[tuple[str, str, tuple[tuple[str, str], ...]], dict[str, FeatureColumn]] = {}
    position = 0
    for ref in refs:
        shape = _view(ref.view, views)
        _check_aliased_keys(ref, shape)
        key = (ref.view, ref.label, tuple(sorted(ref.join_keys.items())))
        chosen = uses.setdefault(key, {})
        for feature in ref.features or tuple(shape.features):
            if feature not in shape.features:
                raise _unknown_feature(ref.view, feature, shape.features)
            if feature not in chosen:
                output = f"{ref.label}__{feature}" if full_names else feature
                column = FeatureColumn(feature, output, shape.features[feature], position)
                chosen[feature] = column
                position += 1
    found = tuple(
        ViewColumns(
            view,
            label,
            tuple(
                KeyColumn(name, dict(renamed).get(name, name), type_name)
                for name, type_name in views[view].join_keys.items()
            ),
            tuple(features.values()),
        )
        for (view, label, renamed), features in uses.items()
    )
    _check_outputs(found)
    return found


def in_order(uses: Sequence[ViewColumns]) -> list[tuple[ViewColumns, FeatureColumn]]:
    """Every output column with its use, in the order that the references asked for."""
    pairs = [(use, column) for use in uses for column in use.features]
    return sorted(pairs, key=lambda pair: pair[1].position)


def _unknown_feature(view: str, feature: str, features: Iterable[str]) -> RequestError:
    """FC302, with the nearest name that exists."""
    names = list(features)
    return RequestError(
        "FC302",
        f'view "{view}" has no feature "{feature}"',
        caret=did_you_mean(feature, names),
        notes=[f"features of {view}: {listed(names)}"],
    )


def _check_outputs(uses: Sequence[ViewColumns]) -> None:
    seen: dict[str, tuple[ViewColumns, FeatureColumn]] = {}
    for use in uses:
        for column in use.features:
            first = seen.setdefault(column.output.lower(), (use, column))
            if first[1] is not column:
                raise _one_name(first, (use, column))


def _one_name(
    first: tuple[ViewColumns, FeatureColumn], second: tuple[ViewColumns, FeatureColumn]
) -> RequestError:
    """FC303, naming both; two uses under one label are told apart by view and keys."""
    one_label = first[0].label == second[0].label
    origins = [
        _place(use, column) if one_label else f"{use.label}:{column.feature}"
        for use, column in (first, second)
    ]
    names = [f'"{name}"' for name in dict.fromkeys((first[1].output, second[1].output))]
    both = f"{' and '.join(origins)} both give {' and '.join(names)}"
    full_names = "use full names (view__feature): --full-names, or full_names: true"
    return RequestError(
        "FC303",
        f"two output columns have one name: {both}",
        notes=["names that differ only in case are one name"] if len(names) > 1 else [],
        help=["give one of them another alias"] if one_label else [full_names],
    )


def _place(use: ViewColumns, column: FeatureColumn) -> str:
    keys = ", ".join(f"{key.join_key}: {key.column}" for key in use.keys)
    return f"{use.view}:{column.feature} as {use.label}{{{keys}}}"


def _view(name: str, views: Mapping[str, ViewShape]) -> ViewShape:
    if name not in views:
        raise RequestError(
            "FC301",
            f'there is no view "{name}"',
            caret=did_you_mean(name, views),
            notes=[f"views: {listed(sorted(views))}"],
        )
    return views[name]


def _check_aliased_keys(ref: ViewRef, shape: ViewShape) -> None:
    for join_key in ref.join_keys:
        if join_key not in shape.join_keys:
            raise RequestError(
                "FC304",
                f'view "{ref.view}" has no join key "{join_key}"',
                caret=did_you_mean(join_key, shape.join_keys),
                notes=[f"join keys of {ref.view}: {listed(shape.join_keys)}"],
            )
