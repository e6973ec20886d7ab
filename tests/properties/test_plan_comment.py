"""Whatever a plan holds, its comment fits, and its Markdown says what it is meant to."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from featurectl.cli.screens.plan_markdown import MAX_BYTES, plan_markdown
from featurectl.plan.impact import Impact, StoreRoom
from featurectl.plan.plan import Change, FieldChange, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator

ODD = ["|", "`", "```", "\\", "\\|", "<!--", "-->", "</details>", "@a", "#1", "\n", "\r", "\u2028"]
ODD += ["| a |", "*", "_", "[x](y)", "&amp;", "\u202e", "\x00", "\x1b[31m", "\U0001f600", "ä", "/x"]
CLASSES = ["metadata", "rename", "additive", "narrowing", "breaking", "destroy"]
ACTIONS = ["create", "update", "rebuild", "rename", "destroy"]

texts = st.lists(st.sampled_from(ODD) | st.text(max_size=5), max_size=8).map("".join)
long_texts = st.builds(lambda text, times: text * times, texts, st.sampled_from([1, 1, 1, 4_000]))
durations = st.sampled_from(["none", "1h", "90m", "2d"])
fields = st.builds(
    FieldChange, st.just("ttl"), durations, durations, st.sampled_from(CLASSES)
) | st.builds(
    FieldChange,
    st.sampled_from(["owner", "description", "name", "features.a", "features.b.type"]),
    st.none() | long_texts,
    long_texts,
    st.sampled_from(CLASSES),
)
figures = st.none() | st.integers(0, 10**12)
impacts = st.builds(
    Impact,
    figures,
    figures,
    figures,
    figures,
    to_us=st.none() | st.integers(0, 2 * 10**15),
    extra_bytes=figures,
    loads=st.booleans(),
    serving=texts,
    reuses=texts,
)
changes = st.builds(
    Change,
    st.sampled_from(["view", "service"]),
    long_texts,
    st.sampled_from(ACTIONS),
    st.sampled_from(CLASSES),
    st.lists(fields, max_size=3).map(tuple),
    st.lists(texts, max_size=3).map(tuple),
    reason=long_texts,
    old_name=texts,
    acknowledged=st.just("") | long_texts,
    is_protected=st.booleans(),
    impact=impacts,
)
plans = st.builds(
    Plan,
    st.just("p"),
    st.just("prod"),
    st.just("l"),
    st.integers(0, 99),
    st.just("d"),
    st.builds(
        lambda some, times: tuple(some * times),
        st.lists(changes, max_size=4),
        st.sampled_from([1, 1, 400]),
    ),
    git=st.sampled_from(["", "9c01d3e+dirty"]),
    notes=st.lists(long_texts, max_size=3).map(tuple),
    only=st.lists(texts, max_size=9).map(tuple),
    store=st.none() | st.builds(StoreRoom, st.just("Redis"), figures),
)


def outside(text: str) -> Iterator[str]:
    """The lines that are in no fence; every fence is closed."""
    fence = ""
    for line in text.split("\n"):
        ticks = re.match("(`{3,})([a-z]*)$", line)
        if not fence and ticks:
            fence = ticks[1]
        elif fence and ticks and not ticks[2] and len(ticks[1]) >= len(fence):
            fence = ""
        elif not fence:
            yield line
    assert not fence


@settings(deadline=None, max_examples=60)
@given(plans)
def test_a_comment_fits_and_nothing_breaks_out_of_its_place(plan: Plan) -> None:
    text = plan_markdown(plan)

    assert len(text.encode()) <= MAX_BYTES
    lines = list(outside(text))
    assert lines[0] == "<!-- featurectl:plan:prod -->"
    assert text.count("<!-- featurectl") == 1 or "<!-- featurectl" not in "\n".join(lines[1:])
    assert sum(line.startswith("<details>") for line in lines) == lines.count("</details>")
    for line in lines[1:]:
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 6, line
        else:
            assert re.match(
                r"(\*\*featurectl|<details>|</details>|- |…|To apply|No changes|$)", line
            ) or (line in ("Notes:", "Acknowledged:")), line
        assert not re.search(r"[@#]\w", line), line
        assert not re.search(r"<(?!/?details>|/?summary>)", line), line


@settings(deadline=None, max_examples=3)
@given(changes)
def test_ten_thousand_changes_fit(change: Change) -> None:
    many = tuple(replace(change, kind=f"k{n}") for n in range(10_000))
    plan = Plan("p", "prod", "l", 1, "d", many)

    assert len(plan_markdown(plan).encode()) <= MAX_BYTES
