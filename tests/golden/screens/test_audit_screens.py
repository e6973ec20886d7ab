from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from featurectl.cli.screens.audit import part_rows
from featurectl.cli.screens.historical import read_line, report_screen, report_warnings
from featurectl.definitions.instant import parse_instant
from featurectl.flows.leakage import Proof, Rule, ViewProof
from featurectl.flows.lint import Lint
from featurectl.flows.report import Report, ViewReport
from featurectl.flows.split import PartFacts, Split
from featurectl.flows.split_output import PartFile
from featurectl.flows.split_request import split_request

Golden = Callable[[str, Sequence[str]], None]

HOUR_US = 3_600_000_000
ROWS = 1_000_000
DRIVER = ViewReport(
    "driver_stats", "driver_stats", "off", 900_000, 80_000, 20_000, 96_559, 0, 0, 0.0, 9.0,
    {"conv_rate": 100_000, "tips": 1_000_000, "trips": 700_000},
)  # fmt: skip
AIRPORT = ViewReport("airports", "airports", "off", ROWS, 0, 0, 0, 0, 0, None, None, {"size": 0})
STATS = Rule("driver_stats", "driver_stats", 24 * HOUR_US, has_created=True)
STATIC = Rule("airports", "airports", None, static=True)
EVENTS = Rule("events", "events", None)
REPORT = Report(ROWS, 0, (DRIVER, AIRPORT))


def proven(*views: ViewProof) -> Report:
    return replace(REPORT, proof=Proof(ROWS, views))


def row_of(report: Report, first: str) -> list[str]:
    lines = report_screen(["read", "labels.parquet", "1 row", "x int64"], report, {})
    return [line for line in lines if line.startswith(first)]


def test_a_proof_says_in_one_line_what_holds_and_what_was_not_proven(golden: Golden) -> None:
    lines = [
        line
        for report in (
            proven(ViewProof(STATS, 900_000, 96_559), ViewProof(STATIC, 0, 0)),
            proven(ViewProof(replace(STATS, known_at=True), 800_000, 0)),
            proven(ViewProof(STATS, 900_000, 0), ViewProof(EVENTS, 10, 0)),
            proven(ViewProof(EVENTS, 10, 0)),
            proven(ViewProof(STATIC, 0, 0)),
        )
        for line in row_of(report, "proof")
    ]
    golden("proof.txt", lines)


def split_of(words: str, by: str | None, seed: int | None, shared: int) -> Split:
    request = split_request(words, by, seed)
    shares = [float(part.share) for part in request.parts]
    days = [f"2024-01-{day:02d}T04:00Z" for day in (1, 11, 21, 31)]
    facts = [
        PartFacts(part.name, share, round(share * 1000), 40, *map(parse_instant, days[n : n + 2]))
        for n, (part, share) in enumerate(zip(request.parts, shares, strict=True))
    ]
    keys = ("carrier", "driver") if by == "entity" else ("driver",)
    return Split(request, np.zeros(1000, np.uint8), tuple(facts), 2, 120, shared, keys)


def test_a_split_says_where_it_was_cut_and_what_each_part_has(golden: Golden) -> None:
    lines: list[str] = []
    for words, by, seed, shared in (
        ("train=0.8,valid=0.1,test=0.1", None, None, 33),
        ("train=0.8,test=0.2", "entity", None, 0),
        ("train=0.666,test", "random", 7, 119),
    ):
        split = split_of(words, by, seed, shared)
        files = [
            PartFile(part.name, Path(f"data.{part.name}.parquet"), part.rows, 18_400)
            for part in split.parts
        ]
        read = read_line("labels.parquet", 1000, [("driver", "int64")])
        lines += report_screen(
            read, replace(REPORT, rows=1000, views=(), split=split), {},
            *part_rows(files, split, 4, 1.2),
        )  # fmt: skip
        lines.append("")
    golden("split.txt", lines)


def test_what_is_suspicious_is_warned_of(golden: Golden) -> None:
    lints = (
        Lint("future_times", "2 rows have an event time that is still to come", 2),
        Lint("separating_feature", 'v:\x1b[31mx alone tells "y"', 2),
        Lint("entity_in_two_parts", "33 of 120 entities have rows in more than one part", 33),
    )
    golden("audit_warnings.txt", report_warnings(replace(REPORT, lints=lints)))
