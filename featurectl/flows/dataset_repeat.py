"""A training set made again, with the definitions of then, and compared with what was written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from featurectl.errors import FeaturectlError
from featurectl.flows.asked import MEMORY, STDIN
from featurectl.flows.dataset_manifest import find_entities
from featurectl.flows.input_check import DIFFERS, NOTE, SAME, UNKNOWN, Check
from featurectl.flows.row_compare import differing_columns
from featurectl.offline.content_hash import BackgroundHash, content_sha256, hash_batches

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from featurectl.definitions.snapshot import Snapshot
    from featurectl.flows.asked import Asked
    from featurectl.flows.dataset_file import DatasetFile
    from featurectl.flows.training_set import TrainingSet
    from featurectl.offline.content_hash import ContentHash


class Repository(Protocol):
    """What a training set is made again with."""

    def now(self, *, from_files: bool) -> Snapshot:
        """The definitions as they are now: applied, or in the files."""
        ...

    def at(self, serial: int) -> Snapshot:
        """The definitions as they were applied at a serial."""
        ...

    def answer(self, asked: Asked, entities: Any, snapshot: Snapshot) -> TrainingSet:
        """The answer to a request by these definitions."""
        ...

    @property
    def root(self) -> Path:
        """The repository's folder."""
        ...

    @property
    def data_root(self) -> Path:
        """Where relative paths of sources begin."""
        ...

    @property
    def git(self) -> str:
        """The commit of the files."""
        ...


@dataclass(frozen=True)
class Repeated:
    """A request that is answered again by the definitions of then."""

    dataset: DatasetFile
    asked: Asked
    repository: Repository
    pinned: Snapshot

    def entities(self, *, quick: bool) -> Check:
        """The entity frame, from where it came then."""
        then = self.dataset.manifest["entities"]
        kind = then["from"]
        if kind in ("memory", "stdin"):
            where = "in memory" if kind == "memory" else "on standard input"
            return Check("entities", NOTE, f"were {where}; the rows in the file are taken")
        given = self._given()
        if given and not given.is_file():
            return Check("entities", NOTE, f"{given} is gone; the rows in the file are taken")
        if quick and given is None:
            return Check("entities", NOTE, "come from the sources: not looked at (--quick)")
        frame = self._as_written(self._asked_again()).frame
        found = hash_batches(frame.schema, frame.batches())
        name = str(given) if given else {"sql": "the query"}.get(kind, "the views' own rows")
        if digest(found) == then["sha256"]:
            return Check("entities", SAME, f"{name}: {rows_text(found.rows)}, as they were")
        details = tuple(what_differs(found, then))
        return Check("entities", DIFFERS, f"{name}: other rows than then", details)

    def made_again(self) -> Check:
        """Make the rows again: for the entity rows in the file or, without these, as asked."""
        dataset = self.dataset
        is_whole = self._has_own_rows()
        if not is_whole and "part" in dataset.manifest:
            return Check("repeat", UNKNOWN, "the rows of this part are not in the file any more")
        made = self._for_own_rows() if is_whole else self._as_written(self._asked_again())
        with BackgroundHash(made.schema) as hashing:
            for batch in made.batches():
                hashing.update(batch)
            found = hashing.finish()
        if digest(found) == dataset.result["sha256"]:
            return Check("repeat", SAME, f"{rows_text(found.rows)} made again, and the same")
        if not is_whole:
            details = tuple(what_differs(found, dataset.result))
            return Check("repeat", DIFFERS, "made again, it is not what was written", details)
        return _differing(dataset, made)

    def _has_own_rows(self) -> bool:
        try:
            found = hash_batches(*self.dataset.batches(self.dataset.own_columns))
        except (FeaturectlError, KeyError):
            return False
        then = self.dataset.result["columns"][: len(self.dataset.own_columns)]
        return bool([column._asdict() for column in found.columns()] == then)

    def _for_own_rows(self) -> TrainingSet:
        schema, rows = self.dataset.batches(self.dataset.own_columns)
        entities = pa.RecordBatchReader.from_batches(schema, rows)
        asked = replace(self.asked, entities=MEMORY, sql=None, start_us=None, end_us=None,
                        at_us=None, sample=None, split=None, split_by=None)  # fmt: skip
        return self.repository.answer(asked, entities, self.pinned)

    def _asked_again(self) -> TrainingSet:
        return self.repository.answer(self.asked, self._given(), self.pinned)

    def _given(self) -> Path | None:
        if self.asked.entities in (None, MEMORY, STDIN):
            return None
        folder = self.dataset.path.absolute().parent
        return find_entities(str(self.asked.entities), self.repository.root, folder)

    def _as_written(self, training: TrainingSet) -> TrainingSet:
        return training.as_text() if self.dataset.result["kind"] == "csv" else training


def _differing(dataset: DatasetFile, made: TrainingSet) -> Check:
    names = [column["column"] for column in dataset.manifest["features"]]
    _, rows = dataset.batches()
    different = differing_columns(names, rows, made.batches())
    details = tuple(
        f"{each.name}: {rows_text(each.rows)}, the first is row {each.first_row:,}"
        for each in different
    )
    facts = {"columns": [each.document() for each in different]}
    count = f"{len(different)} of {len(names)} features"
    if different:
        return Check("repeat", DIFFERS, f"made again, {count} differ", details, facts=facts)
    text = "made again, it is not what was written; the features of the file's rows are the same"
    return Check("repeat", DIFFERS, text)


def what_differs(found: ContentHash, then: Mapping[str, Any]) -> Iterator[str]:
    """How rows differ from those that a manifest tells of, a line each."""
    if found.rows != then["rows"]:
        yield f"{rows_text(then['rows'])} then, {rows_text(found.rows)} now"
    before = {column["name"]: column for column in then["columns"]}
    now = {column.name: column for column in found.columns()}
    for name in [name for name in before if name not in now]:
        yield f"column {name} is gone"
    for name in [name for name in now if name not in before]:
        yield f"column {name} is new"
    for name in [name for name in before if name in now]:
        if before[name]["type"] != now[name].type:
            yield f"column {name} was {before[name]['type']} and is {now[name].type}"
        elif before[name]["sha256"] != now[name].sha256 and found.rows == then["rows"]:
            yield f"column {name} has other values"
    if list(before) != list(now) and set(before) == set(now):
        yield "the columns are in another order"


def digest(found: ContentHash) -> str:
    """The digest of all rows and columns."""
    return content_sha256(found.rows, found.columns())


def rows_text(number: int) -> str:
    """``1 row``, ``2,000 rows``."""
    return f"{number:,} row{'s' * (number != 1)}"
