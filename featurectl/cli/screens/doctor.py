"""The screen of ``doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from featurectl.cli.figures import plural
from featurectl.cli.paint import pad, paint, readable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from featurectl.cli.diagnosis import Finding

_COLORS = {"ok": "green", "warn": "yellow", "fail": "red"}


def finding_lines(finding: Finding) -> list[str]:
    """One finding, and what to do about it."""
    level = paint(finding.level, _COLORS[finding.level])
    lines = [f"  {pad(level, 4)}  {finding.subject:<11}  {readable(finding.text)}"]
    return lines + [f"{'':21}{paint('help:', 'cyan')} {readable(line)}" for line in finding.help]


def verdict(findings: Iterable[Finding]) -> str:
    """``All is well.``, or how much is not."""
    levels = [finding.level for finding in findings]
    parts = []
    if "fail" in levels:
        parts.append(f"{levels.count('fail')} failed")
    if "warn" in levels:
        parts.append(plural(levels.count("warn"), "warning"))
    return f"{', '.join(parts)}." if parts else "All is well."
