"""Entity frames in CSV: join keys and the time by their declared types, other columns as written.

Such a file has only text. Written to CSV again it is that text; in a typed result a column has a
type where that loses nothing (see guessed_type.py), and is text otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv as pcsv

from featurectl.definitions.arrow_type import arrow_type
from featurectl.errors import RequestError
from featurectl.offline.guessed_type import GuessedType
from featurectl.offline.key_column import event_times, key_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from featurectl.offline.frame import Frame
    from featurectl.offline.frame_file import FrameFile

_SUFFIXES = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt")
_TABS = (".tsv", ".tsv.gz")
_BLOCK_BYTES = 4 << 20  # a row must fit into one
_INSTANT = pa.timestamp("us", "UTC")


def is_csv(name: str) -> bool:
    """Whether a file's name says that it is CSV."""
    return name.lower().endswith(_SUFFIXES)


class CsvText:
    """A frame in CSV as it is written: all columns are text, read anew at each pass.

    An empty field is null, a quoted empty one is the empty text.
    """

    def __init__(self, file: FrameFile) -> None:
        self.label = file.label
        self.file = file
        with file.reading() as path:
            self._names = _open(path, ()).schema.names
        _check_separator(self._names, file.label)

    @property
    def schema(self) -> pa.Schema:
        """All columns as text."""
        return pa.schema([(name, pa.string()) for name in self._names])

    def typed(self, types: Mapping[str, str]) -> Frame:
        """The columns named in ``types`` as these types, the others as their values are.

        The file is read once.

        Raises:
            RequestError: FC311 or FC318 a text that is no value of the declared type.
        """
        return _TypedCsv(self, types)

    def as_text(self) -> Frame:
        """Itself."""
        return self

    def select(self, columns: Sequence[str]) -> pa.Table:
        """Some columns of the file."""
        pieces = [batch.select(list(columns)) for batch in self.batches()]
        return pa.Table.from_batches(pieces, pa.schema([(name, pa.string()) for name in columns]))

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows from the first to the last."""
        with self.file.reading() as path:
            yield from _open(path, self._names)


class _TypedCsv:
    """The same file with types; the columns whose types are declared are held in memory."""

    def __init__(self, text: CsvText, types: Mapping[str, str]) -> None:
        self.label = text.label
        self._text = text
        names = text.schema.names
        declared = {name: types[name] for name in names if name in types}
        held: dict[str, list[pa.Array]] = {name: [] for name in declared}
        guessed = {name: GuessedType() for name in names if name not in types}
        for batch in text.batches():
            for name, kind in declared.items():
                origin = f'column "{name}" of {text.label}'
                held[name] += _declared(batch.column(name), kind, origin).chunks
            for name, guess in guessed.items():
                guess.look(batch.column(name))
        self._kinds = {name: _arrow_type(kind) for name, kind in declared.items()}
        self._held = {
            name: pa.chunked_array(pieces, self._kinds[name]) for name, pieces in held.items()
        }
        self._kinds |= {name: guess.type for name, guess in guessed.items()}

    @property
    def schema(self) -> pa.Schema:
        """The columns in the order of the file."""
        return pa.schema([(name, self._kinds[name]) for name in self._text.schema.names])

    def typed(self, types: Mapping[str, str]) -> Frame:
        """The file read again by these types."""
        return self._text.typed(types)

    def as_text(self) -> Frame:
        """The file's own texts."""
        return self._text

    def select(self, columns: Sequence[str]) -> pa.Table:
        """Some columns; those of declared types without reading again."""
        if set(columns) <= set(self._held):
            return pa.table({name: self._held[name] for name in columns})
        schema = pa.schema([(name, self._kinds[name]) for name in columns])
        return pa.Table.from_batches(
            (batch.select(list(columns)) for batch in self.batches()), schema
        )

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows from the first to the last."""
        schema, done = self.schema, 0
        for batch in self._text.batches():
            with self._text.file.told():
                columns = [
                    self._piece(name, done, batch.num_rows)
                    if name in self._held
                    else batch.column(name).cast(self._kinds[name])
                    for name in schema.names
                ]
                found = pa.RecordBatch.from_arrays(columns, schema=schema)
            done += batch.num_rows
            yield found

    def _piece(self, name: str, start: int, size: int) -> pa.Array:
        return self._held[name].slice(start, size).combine_chunks()


def _check_separator(names: Sequence[str], label: str) -> None:
    for mark in ";\t|" if len(names) == 1 else "":
        if mark in names[0]:
            raise RequestError(
                "FC314",
                f"{label} can't be read: its one column is named {names[0]!r}",
                help=["separate fields by commas or, in a file that ends in .tsv, by tabs"],
            )


def _declared(texts: pa.Array, kind: str, origin: str) -> pa.ChunkedArray:
    column = pa.chunked_array([texts])
    if kind == "timestamp":
        times = event_times(column, origin)
        return times.cast(pa.timestamp("us")).cast(_INSTANT)
    values = key_values(column, kind, origin)
    if values.null_count != texts.null_count:
        raise RequestError("FC311", f"{origin} has a value beyond {kind}")
    return values


def _arrow_type(kind: str) -> pa.DataType:
    return _INSTANT if kind == "timestamp" else arrow_type(kind)


def _open(path: str, texts: Sequence[str]) -> pcsv.CSVStreamingReader:
    tabs = path.lower().endswith(_TABS)
    return pcsv.open_csv(
        path,
        read_options=pcsv.ReadOptions(block_size=_BLOCK_BYTES),
        parse_options=pcsv.ParseOptions(delimiter="\t" if tabs else ",", newlines_in_values=True),
        convert_options=pcsv.ConvertOptions(
            column_types=dict.fromkeys(texts, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
