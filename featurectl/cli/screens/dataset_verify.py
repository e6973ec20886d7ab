"""The screen of ``dataset verify``: what was looked at, how it is, and the verdict."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING

from featurectl.cli.paint import paint, readable
from featurectl.cli.screens.dataset_show import title
from featurectl.cli.table import table

if TYPE_CHECKING:
    from featurectl.flows.dataset_verify import Verification

_COLORS = {"same": "green", "differs": "red", "unknown": "yellow", "note": "cyan"}
_MOST = 10  # lines of details below a check


def verify_screen(found: Verification) -> list[str]:
    """A line per check with what differs below it, then one line that says it all."""
    rows = [
        [
            paint(check.state, _COLORS[check.state]),
            check.subject,
            readable(f"{check.name}: {check.text}" if check.name else check.text),
        ]
        for check in found.checks
    ]
    lines = [title(found.path, found.manifest)]
    for line, check in zip(table(rows), found.checks, strict=True):
        lines.append(line)
        lines += [f"             {readable(detail)}" for detail in check.details[:_MOST]]
        if len(check.details) > _MOST:
            lines.append(f"             … {len(check.details) - _MOST:,} more (--format json)")
    return [*lines, _verdict(found)]


def next_question(found: Verification) -> str:
    """What to ask next: why the first value that came out differently did; empty without one."""
    if found.manifest["request"].get("as_served"):
        return ""  # explain tells of the plain join
    features = {each["column"]: each for each in found.manifest["features"]}
    for check in found.checks:
        for column in (check.facts or {}).get("columns", ()):
            feature = features[column["column"]]
            name = f"{feature['as']}:{feature['feature']}"
            return f"explain {name} --dataset {quote(str(found.path))} --row {column['first_row']}"
    return ""


def _verdict(found: Verification) -> str:
    by_state = {
        state: [f"{c.subject} {c.name}".strip() for c in found.checks if c.state == state]
        for state in ("differs", "unknown")
    }
    if found.state == "differs":
        named = readable(", ".join(by_state["differs"]))
        return f"{paint('Differs', 'red', 'bold')}: {named}."
    if found.state == "unknown":
        named = readable(", ".join(by_state["unknown"]))
        return f"{paint('Can not tell', 'yellow', 'bold')}: {named}."
    said = "the file and what it was made of are as they were"
    again = "not made again (--quick)" if found.quick else "made again, it is the same"
    return f"{paint('Same', 'green', 'bold')}: {said}; {again}."
