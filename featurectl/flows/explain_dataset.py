"""From a row of a training set to what is explained: its keys, its time, and what it was asked."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from featurectl.definitions.columns import ViewColumns
from featurectl.definitions.value import to_json
from featurectl.errors import RequestError, did_you_mean, listed
from featurectl.flows.asked import Asked, read_asked
from featurectl.flows.dataset_verify import pinned
from featurectl.flows.explain_question import Question, with_candidates
from featurectl.flows.explain_value import explain_value
from featurectl.flows.request import requested_columns
from featurectl.flows.row_values import exact_values, python_value
from featurectl.offline.key_column import event_times, key_values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from featurectl.definitions.repository import Repository
    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.dataset_file import DatasetFile
    from featurectl.flows.explanation import Explanation
    from featurectl.offline.protocol import OfflineEngine

_NAMES = {field.name.removesuffix("_us") for field in fields(Asked)}


@dataclass(frozen=True)
class RowQuestion:
    """What is to be explained, and the exact values that the row has."""

    question: Question
    recorded: Mapping[str, Any]


def explain_row(
    dataset: DatasetFile,
    row: int,
    feature: str,
    *,
    now: Snapshot,
    engine: OfflineEngine,
    root: Path,
    candidates: int | None = None,
) -> Explanation:
    """Why row number ``row`` of the file has its value, and whether the source still gives it.

    The definitions are those of the file's manifest.

    Raises:
        RequestError: what ``question_of_row`` raises, FC336 a number of candidates that can't be.
        SourceError: FC2xx the file or the source can't be read.
    """
    repository = pinned(dataset.manifest, now).repository
    found = question_of_row(dataset, row, feature, repository)
    question = with_candidates(found.question, candidates)
    explained = explain_value(question, repository, engine, root)
    changed = {}
    for name, kind in explained.features.items():
        value = python_value(found.recorded[name], kind)
        if repr(to_json(value, kind)) != repr(to_json(explained.values[name], kind)):
            changed[name] = value
    return replace(explained, changed=changed)


def question_of_row(
    dataset: DatasetFile, row: int, feature: str, repository: Repository
) -> RowQuestion:
    """The question for row number ``row``, from 1, of the file.

    ``feature`` is an output column, ``label:feature``, or a view's label for all that the file has
    of it. ``repository`` has the definitions that the file was made with. The file is read up to
    the row.

    Raises:
        RequestError: FC336 no such row or feature, or a file that was made in a way that can't be
            explained; FC307, FC311, FC318 a key or time that can't be read.
        SourceError: FC201, FC202 the file can't be read.
    """
    asked = _asked(dataset)
    columns = requested_columns(
        repository, asked.references(), asked.service, full_names=asked.full_names
    )
    use = _use(dataset, feature, columns)
    names = [asked.event_timestamp, *(key.column for key in use.keys)]
    outputs = [column.output for column in use.features]
    found = _row(dataset, row, list(dict.fromkeys([*names, *outputs])))
    time = event_times(found.column(asked.event_timestamp), _origin(asked.event_timestamp, dataset))
    keys = [
        key_values(found.column(key.column), key.type, _origin(key.column, dataset))[0].as_py()
        for key in use.keys
    ]
    recorded = {
        column.feature: exact_values(found.column(column.output), column.type)[0]
        for column in use.features
    }
    return RowQuestion(Question(use, keys, time[0].as_py(), asked.known_at), recorded)


def _asked(dataset: DatasetFile) -> Asked:
    request = dataset.manifest["request"]
    unknown = [name for name in request if name not in _NAMES]
    if unknown:
        raise RequestError(
            "FC336",
            f'{dataset.path} was asked for with "{unknown[0]}", which this version does not know',
        )
    asked = read_asked(request)
    if asked.as_served:
        raise RequestError(
            "FC336",
            f"{dataset.path} was made as served: its values are those of the online store",
            help=["explain tells of the plain join: give the keys and --at for that"],
        )
    return asked


def _use(dataset: DatasetFile, wanted: str, columns: Sequence[ViewColumns]) -> ViewColumns:
    for use in columns:
        if wanted == use.label:
            return use
        for column in use.features:
            if wanted in (column.output, f"{use.label}:{column.feature}"):
                return ViewColumns(use.view, use.label, use.keys, (column,))
    names = [column.output for use in columns for column in use.features]
    known = [*names, *(f"{use.label}:{c.feature}" for use in columns for c in use.features)]
    raise RequestError(
        "FC336",
        f'{dataset.path} has no feature "{wanted}"',
        caret=did_you_mean(wanted, known),
        notes=[f"features: {listed(names)}"],
    )


def _row(dataset: DatasetFile, row: int, columns: list[str]) -> pa.Table:
    rows = dataset.result["rows"]
    if not 1 <= row <= rows:
        raise RequestError(
            "FC336",
            f"{dataset.path} has no row {row:,}",
            notes=[f"rows count from 1 to {rows:,}" if rows else "it has no rows"],
        )
    schema, batches = dataset.batches()
    _check_columns(dataset, schema, columns)
    before = 0
    for batch in batches:
        if row <= before + batch.num_rows:
            found = pa.Table.from_batches([batch.slice(row - 1 - before, 1)])
            return found.select(columns)
        before += batch.num_rows
    raise RequestError(
        "FC336",
        f"{dataset.path} has no row {row:,} any more",
        notes=[f"rows now: {before:,}"],
        help=["featurectl dataset verify tells what has changed"],
    )


def _check_columns(dataset: DatasetFile, schema: pa.Schema, columns: Sequence[str]) -> None:
    gone = [name for name in columns if name not in schema.names]
    if gone:
        raise RequestError(
            "FC336",
            f'{dataset.path} has no column "{gone[0]}" any more',
            notes=[f"columns: {listed(schema.names)}"],
        )


def _origin(name: str, dataset: DatasetFile) -> str:
    return f'column "{name}" of {dataset.path}'
