"""What ``get-historical`` tells of the proof, the split, and what is suspicious."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import count, moment, percent, plural, seconds, size
from featurectl.cli.paint import readable
from featurectl.errors import listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from featurectl.flows.leakage import Proof
    from featurectl.flows.report import Report, ViewReport
    from featurectl.flows.split import Split
    from featurectl.flows.split_output import PartFile

_MOST = 0.5  # a feature that is null in more of the matched rows is worth a look
_SHOWN_AS_ROW = "entity_in_two_parts"


def audit_rows(report: Report) -> list[list[str]]:
    """The lines of the proof and of the split, where there are any."""
    proof = [_proof_row(report.proof)] if report.proof else []
    return [*proof, *([_split_row(report.split)] if report.split else [])]


def audit_warnings(report: Report) -> list[str]:
    """Features that are null though there was a row, and what lints have found."""
    nulls = [text for view in report.views for text in _null_warnings(view)]
    lints = [lint.message for lint in report.lints if lint.code != _SHOWN_AS_ROW]
    return [readable(text) for text in (*nulls, *lints)]


def part_rows(
    files: Sequence[PartFile], split: Split, columns: int, elapsed: float
) -> list[list[str]]:
    """One line per file: its share of the rows as it is, and as it was asked for."""
    total = sum(part.rows for part in split.parts)
    asked = {part.name: part.asked for part in split.parts}
    found = []
    for file in files:
        facts = [
            f"x {plural(columns, 'column')}",
            f"{percent(file.rows, total)} (asked {100 * asked[file.name]:.4g} %)",
            size(file.size_bytes),
            *([seconds(elapsed)] if file is files[-1] else []),
        ]
        row = ["wrote", readable(str(file.path)), plural(file.rows, "row"), ", ".join(facts)]
        found.append(row)
    return found


def _proof_row(proof: Proof) -> list[str]:
    timed = [view for view in proof.views if not view.rule.static]
    held = ["no value from after its row's time"]
    if any(view.rule.ttl_us is not None for view in timed):
        held.append("none older than its ttl")
    if timed and all(view.rule.has_created and not view.created_later for view in timed):
        held.append("none created later")
    parts = [", ".join(held) if timed else "static views only, nothing to prove"]
    later = sum(view.created_later for view in timed)
    if later:
        parts.append(
            f"NOT proven: that all was known then ({count(later)} created later: --known-at)"
        )
    silent = [view.rule.label for view in timed if not view.rule.has_created]
    if silent:
        parts.append(f"no created time to go by: {listed(silent, 3)}")
    return ["proof", plural(len(proof.views), "view"), plural(proof.rows, "row"), "; ".join(parts)]


def _split_row(split: Split) -> list[str]:
    request = split.request
    parts = [_cuts(split)] if request.by == "time" else [f"seed {request.seed}"]
    if split.entities:
        shared = count(split.shared_entities) if split.shared_entities else "none"
        *most, last = split.keys
        one = f" ({', '.join(most)} and {last} together)" if most else ""
        entities = plural(split.entities, "entity")
        parts.append(f"{shared} of {entities}{readable(one)} in more than one part")
    if split.null_times and request.by == "time":
        first = split.parts[0].name
        parts.append(f"{plural(split.null_times, 'row')} without a time in {first}")
    rows = plural(len(split.places), "row")
    return ["split", f"by {readable(request.by)}", rows, ", ".join(part for part in parts if part)]


def _cuts(split: Split) -> str:
    later = [part for part in split.parts[1:] if part.first_us is not None]
    return ", ".join(
        f"{part.name} from {moment(part.first_us)}" for part in later if part.first_us is not None
    )


def _null_warnings(view: ViewReport) -> list[str]:
    found = []
    for feature, nulls in view.nulls.items():
        empty = nulls - view.expired - view.no_row
        if view.matched and empty > _MOST * view.matched:
            share = "" if empty == view.matched else f"{percent(empty, view.matched)} of "
            rows = plural(view.matched, "row")
            found.append(f"{view.label}:{feature} is null in {share}the {rows} that matched")
    return found
