"""What is looked at while a training set goes by: what is suspicious, and whether a proof holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from featurectl.flows.frame_lint import (
    conflict_lints,
    label_time_lints,
    other_time_lints,
    time_lints,
)
from featurectl.flows.leakage import Prover, Rule, check_proof_columns, proof_fields
from featurectl.flows.separation import SeparationSample
from featurectl.flows.split import SplitRows
from featurectl.flows.stable_hash import row_hashes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyarrow as pa

    from featurectl.definitions.columns import ViewColumns
    from featurectl.flows.historical import HistoricalRequest
    from featurectl.flows.leakage import Proof
    from featurectl.flows.lint import Lint
    from featurectl.flows.report import ViewReport
    from featurectl.offline.frame import Frame
    from featurectl.queries.match import ViewJoin


@dataclass(frozen=True)
class Audit:
    """What is known of the rows before they are joined, and what is to be proven of them.

    Args:
        frame: the entity frame as it is checked.
        columns: the features, by use of a view.
        event_timestamp: the frame's column that holds the time of each row.
        times: these as microseconds, null where a row has none.
        keys: the join keys as they are typed for the join, by the frame's column.
        now_us: this moment; None where no time is still to come.
        made: whether the rows were made from the views, so that their times are those of features.
        rules: what is proven, for each use of a view; empty where nothing is.
    """

    frame: Frame
    columns: Sequence[ViewColumns]
    event_timestamp: str
    times: pa.ChunkedArray
    keys: Mapping[str, pa.ChunkedArray]
    now_us: int | None = None
    made: bool = False
    rules: Sequence[Rule] = ()

    def check(self) -> None:
        """Refuse a proof whose columns clash with others.

        Raises:
            RequestError: FC308.
        """
        outputs = [column.output for use in self.columns for column in use.features]
        check_proof_columns(self.frame, outputs, self.rules)

    @property
    def fields(self) -> list[pa.Field]:
        """The columns that the proof adds."""
        return proof_fields(self.rules)

    @property
    def rows(self) -> SplitRows:
        """What decides where the rows of a split go."""
        return SplitRows(self.times, self.keys, self.frame)

    def begin(self) -> AuditPass:
        """Look at the result from its first row on."""
        return AuditPass(self)

    def labels(self) -> list[str]:
        """The columns of the frame that may be the label: neither key nor time."""
        taken = {self.event_timestamp, *self.keys}
        return [name for name in self.frame.schema.names if name not in taken]

    def frame_lints(self) -> list[Lint]:
        """What the frame tells by itself; where a proof is asked for, what takes longer too."""
        if self.made:
            return []
        shown = self.frame.as_text().select([self.event_timestamp]).column(0)
        found = time_lints(self.times, shown, self.now_us)
        if self.rules:
            parts = [*(self.keys[name] for name in sorted(self.keys)), self.times]
            found += other_time_lints(self.times, self.frame, self.labels())
            found += conflict_lints(row_hashes(parts, len(self.times)), self.frame, self.labels())
        return found


@dataclass
class AuditPass:
    """One pass over the result."""

    audit: Audit
    _prover: Prover = field(init=False)
    _sample: SeparationSample | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        audit = self.audit
        origin = f'column "{audit.event_timestamp}" of {audit.frame.label}'
        self._prover = Prover(audit.rules, audit.event_timestamp, audit.times, origin)
        if audit.rules and not audit.made:
            features = {
                column.output: f"{use.label}:{column.feature}"
                for use in audit.columns
                for column in use.features
                if not column.type.startswith("list")
            }
            self._sample = SeparationSample(len(audit.times), audit.labels(), features)

    def prove(
        self, rows: pa.RecordBatch, pieces: Sequence[pa.RecordBatch], values: Sequence[pa.Array]
    ) -> list[pa.Array]:
        """The columns of the proof for some rows, once they have passed.

        ``pieces`` are what the queries gave for them, and ``values`` their features, both in the
        order of the uses.

        Raises:
            RequestError: FC332.
        """
        if not self.audit.rules:
            return []
        won = [(piece.column("e"), piece.column("c")) for piece in pieces]
        features, start = [], 0
        for use in self.audit.columns:
            features.append(values[start : start + len(use.features)])
            start += len(use.features)
        return self._prover.add(rows, won, features)

    def look(self, batch: pa.RecordBatch) -> None:
        """See a batch as it comes out."""
        if self._sample:
            self._sample.add(batch)

    def finish(self, views: Sequence[ViewReport]) -> tuple[tuple[Lint, ...], Proof | None]:
        """What was found, and what was proven, after the last row."""
        found = self.audit.frame_lints()
        if not self.audit.made:
            found += label_time_lints(views)
        if self._sample:
            found += self._sample.finish()
        return tuple(found), self._prover.finish() if self.audit.rules else None


def audit_of(
    request: HistoricalRequest,
    uses: Sequence[ViewJoin],
    frame: Frame,
    labels: pa.Table,
    places: Mapping[tuple[str, str], str],
    *,
    made: bool,
) -> Audit:
    """The audit of a request over the frame and its labels, where they carry which key.

    Raises:
        RequestError: FC308 the proof's columns clash with others.
    """
    pairs = zip(request.columns, uses, strict=True)
    audit = Audit(
        frame=frame,
        columns=request.columns,
        event_timestamp=request.event_timestamp,
        times=labels.column("t"),
        keys={name: labels.column(place) for (name, _), place in places.items()},
        now_us=request.now_us,
        made=made,
        rules=[_rule(request, columns, use) for columns, use in pairs] if request.proves else (),
    )
    audit.check()
    return audit


def _rule(request: HistoricalRequest, columns: ViewColumns, use: ViewJoin) -> Rule:
    # What was served may be past the TTL of now or a default, and was known when it was loaded.
    served = request.as_served
    return Rule(
        view=columns.view,
        label=columns.label,
        ttl_us=None if use.is_static or served else use.sourced.view.ttl,
        known_at=use.uses_known_at or (served and use.has_created),
        has_created=use.has_created,
        static=use.is_static,
        fills=served,
    )
