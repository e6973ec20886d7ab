"""From what a caller wrote, a feature and an entity's keys, to what is explained."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from featurectl.errors import RequestError, did_you_mean, listed, nearest
from featurectl.flows.entity_keys import key_values
from featurectl.flows.request import requested_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from featurectl.definitions.columns import ViewColumns
    from featurectl.definitions.repository import Repository

MOST_CANDIDATES = 1_000
_GLOB = "*?["


@dataclass(frozen=True)
class Question:
    """What is to be explained.

    Args:
        use: the view, and the features that are asked for.
        keys: the typed join keys in the view's order; None where one is null.
        at_us: the moment, in microseconds; None where it is null.
        known_at: only what was created by then, whatever the view says.
        before: how many rows at or before the moment are looked at.
        after: how many after it.
    """

    use: ViewColumns
    keys: Sequence[Any]
    at_us: int | None
    known_at: bool = False
    before: int = 5
    after: int = 3


def question_of_keys(
    feature: str,
    keys: Mapping[str, Any],
    at_us: int | None,
    repository: Repository,
    *,
    known_at: bool = False,
) -> Question:
    """The question for ``view:feature``, or ``view`` for all of its features.

    ``keys`` are by the view's own join keys; text is taken where it is unambiguous.

    Raises:
        RequestError: FC301, FC302 no such view or feature; FC305, FC311 a join key is missing or
            not of its type; FC336 a key that the view does not have, or no feature of one view.
    """
    if feature.startswith(("service:", "tag:")) or any(mark in feature for mark in _GLOB):
        raise RequestError(
            "FC336",
            f'"{feature}" does not name one feature or view',
            help=["write view:feature, or a view for all of its features"],
        )
    (use,) = requested_columns(repository, [feature], None, full_names=False)
    _check_known(use, keys)
    return Question(use, key_values(use, keys), at_us, known_at)


def with_candidates(question: Question, number: int | None) -> Question:
    """The question with so many rows on either side of the moment; None leaves it as it is.

    Raises:
        RequestError: FC336 not a number that can be shown.
    """
    if number is None:
        return question
    if not 1 <= number <= MOST_CANDIDATES:
        raise RequestError("FC336", f"candidates are 1 to {MOST_CANDIDATES:,}, not {number}")
    return replace(question, before=number, after=number)


def _check_known(use: ViewColumns, keys: Mapping[str, Any]) -> None:
    names = [key.column for key in use.keys]
    missing = [name for name in names if name not in keys]
    unknown = [name for name in keys if name not in names]
    if missing:
        meant = nearest(missing[0], unknown)
        raise RequestError(
            "FC305",
            f'join key "{missing[0]}" of view "{use.label}" has no value',
            notes=[f"join keys of {use.label}: {listed(names)}"],
            help=[f"write {missing[0]}=VALUE" + (f' instead of "{meant}"' if meant else "")],
        )
    if unknown:
        raise RequestError(
            "FC336",
            f'view "{use.label}" has no join key "{unknown[0]}"',
            caret=did_you_mean(unknown[0], names),
            notes=[f"join keys of {use.label}: {listed(names)}"],
        )
