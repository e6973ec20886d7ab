"""Random feature repositories with their rows and labels, for the property of the join."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import strategies as st

from featurectl.definitions.arrow_type import arrow_type
from featurectl.definitions.instant import EPOCH, format_instant, to_datetime

DAY_US = 86_400_000_000
SECOND_US = 1_000_000
BASES = [0, 1_704_067_200_000_000, -1_704_067_200_000_000]  # 1970, 2024, 1916
LABEL_COUNTS = [1, 2, 7, 63, 64, 65, 200]

# How event and created times are written: what is smaller than the unit is lost.
FORMS = {
    "us": 1, "us utc": 1, "ns": 1, "ns utc": 1, "ms": 1_000, "s": SECOND_US, "date": DAY_US,
    "text": 1, "dictionary text": 1,
}  # fmt: skip

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=3)
INTS = {"int32": st.integers(-(2**31), 2**31 - 1), "int64": st.integers(-(2**63), 2**63 - 1)}
# Most often forms that keep microseconds, so that times stay one of them apart.
ANY_FORM = st.sampled_from([*FORMS, *["us", "us utc", "ns", "ns utc", "text"] * 3])
KEYS: dict[str, st.SearchStrategy[Any]] = {
    **INTS,
    "string": TEXTS | st.sampled_from(["", "\x00", "a\x00b", "NULL", " a", "a ", "é", "é", "☃"]),
    "bytes": st.binary(max_size=3),
    "bool": st.booleans(),
    "date": st.dates(date(1900, 1, 1), date(2100, 1, 1)),
}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "float64": st.sampled_from([0.0, -0.0, 1.5, float("nan"), float("inf"), -float("inf")]),
    "float32": st.sampled_from([0.0, -0.0, 1.5, float("nan")]),
    "int64": st.sampled_from([0, 1, -1, 2**63 - 1, -(2**63), 2**53 + 1]),
    "int32": st.sampled_from([0, 1, -(2**31)]),
    "bool": st.booleans(),
    "string": st.sampled_from(["", "\x00", "a", "b", "é", "\uffff", "\U0001f600"]) | TEXTS,
    "bytes": st.sampled_from([b"", b"\x00", b"\x7f", b"\xff"]),
    "decimal(10,2)": st.sampled_from([Decimal("0.10"), Decimal("-1.00"), Decimal("99999999.99")]),
    "date": st.sampled_from([date(1969, 12, 31), date(2024, 2, 29)]),
    "timestamp": st.sampled_from([EPOCH, EPOCH - timedelta(microseconds=1)]),
    "list<float64>": st.lists(st.none() | st.sampled_from([0.0, -0.0, 1.0]), max_size=2),
    "list<string>": st.lists(st.none() | st.sampled_from(["", "a", "b"]), max_size=2),
}


@dataclass(frozen=True)
class View:
    """A view with all rows of its source; ``asked`` are the features of the request, in order."""

    name: str
    keys: dict[str, str]
    features: dict[str, str]
    asked: list[str]
    ttl: int | None
    known_at: bool
    static: bool
    has_created: bool
    event_form: str
    created_form: str
    rows: list[dict[str, Any]]
    files: int


@dataclass(frozen=True)
class Scenario:
    """Views over the same pool of keys and times, and labels as (keys by name, time)."""

    views: list[View]
    known_at: bool
    label_form: str
    labels: list[tuple[dict[str, Any], int | None]]


@dataclass(frozen=True)
class Pool:
    """What all views of a scenario draw from: types and values of keys, times, one TTL."""

    kinds: dict[str, str]
    keys: dict[str, list[Any]]
    times: list[int]
    ttl: int | None


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Few keys and few times, so that equal ones, and those one microsecond apart, are common."""
    kinds = draw(st.lists(st.sampled_from(list(KEYS)), min_size=1, max_size=2))
    names = {f"key{i}": kind for i, kind in enumerate(kinds)}
    pools = {
        name: draw(st.lists(KEYS[kind], min_size=1, max_size=2, unique=True))
        for name, kind in names.items()
    }
    ttl = draw(st.sampled_from([SECOND_US, 3 * SECOND_US, DAY_US, None]))
    times = draw(_times(ttl or SECOND_US))
    count = draw(st.integers(1, 3))
    pool = Pool(names, pools, times, ttl)
    views = [draw(_views(f"v{i}", pool)) for i in range(count)]
    form = draw(ANY_FORM)
    key = st.fixed_dictionaries({name: _pick(pool) for name, pool in pools.items()})
    label = st.tuples(key, _pick([_cut(time, form) for time in times]))
    distinct = draw(st.lists(label, min_size=6, max_size=12))
    total = draw(st.sampled_from(LABEL_COUNTS))
    order = draw(st.randoms(use_true_random=False))
    labels = [order.choice(distinct) for _ in range(total)]
    return Scenario(views, draw(st.booleans()), form, labels)


def time_column(times: list[int | None], form: str, extra_ns: list[int]) -> pa.Array:
    """Times in microseconds as a column of that form; ``extra_ns`` is lost again by flooring."""
    if form.startswith("ns"):
        if duckdb.__version__ < "2" and form == "ns utc":  # which cuts them off towards 1970
            extra_ns = [0] * len(times)
        pairs = zip(times, extra_ns, strict=True)
        nanos = [None if us is None else us * 1000 + extra for us, extra in pairs]
        return pa.array(nanos, pa.int64()).cast(pa.timestamp("ns", form[3:].upper() or None))
    if form == "date":
        days = [None if us is None else (to_datetime(us)).date() for us in times]
        return pa.array(days, pa.date32())
    if form.endswith("text"):
        column = pa.array([None if us is None else format_instant(us) for us in times], pa.string())
        return column.dictionary_encode() if form.startswith("d") else column
    unit, _, zone = form.partition(" ")
    scaled = [None if us is None else us // FORMS[form] for us in times]
    return pa.array(scaled, pa.int64()).cast(pa.timestamp(unit, zone.upper() or None))


def source_table(view: View, rows: list[dict[str, Any]]) -> pa.Table:
    """Some of the view's rows as the columns of its source."""
    columns = {
        name: pa.array([row["key"][i] for row in rows], arrow_type(kind))
        for i, (name, kind) in enumerate(view.keys.items())
    }
    for name, kind in view.features.items():
        columns[name] = pa.array([row[name] for row in rows], arrow_type(kind))
    extra = [row["extra_ns"] for row in rows]
    if not view.static:
        columns["ts"] = time_column([row["event"] for row in rows], view.event_form, extra)
    if view.has_created:
        columns["w"] = time_column([row["created"] for row in rows], view.created_form, extra)
    return pa.table(columns) if columns else pa.table({"nothing": [None] * len(rows)})


def label_table(scenario: Scenario) -> pa.Table:
    """The labels as an entity frame with a column that must come back as it is."""
    names = [name for view in scenario.views for name in view.keys.items()]
    columns = {
        name: pa.array([keys[name] for keys, _ in scenario.labels], arrow_type(kind))
        for name, kind in dict(names).items()
    }
    times = [t for _, t in scenario.labels]
    columns["event_timestamp"] = time_column(times, scenario.label_form, [7] * len(times))
    columns["Label"] = pa.array(range(len(times)), pa.int16())
    return pa.table(columns)


@st.composite
def _times(draw: st.DrawFn, span: int) -> list[int]:
    base = draw(st.sampled_from(BASES))
    steps = [1, -1, span - 1, span + 1, -span, 2 * span, SECOND_US, DAY_US]
    others = draw(st.lists(st.sampled_from(steps), max_size=4))
    return [base + step for step in (0, span, span + 1, *others)]


@st.composite
def _views(draw: st.DrawFn, name: str, pool: Pool) -> View:
    names, pools, times = pool.kinds, pool.keys, pool.times
    keys = draw(st.sampled_from([names, names, dict(list(names.items())[:1]), {}]))
    static = draw(st.sampled_from([False] * 5 + [True]))
    kinds = draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=3))
    order = draw(st.permutations([f"f{i}" for i in range(len(kinds))]))
    features = dict(zip(order, kinds, strict=True))
    asked = draw(st.lists(st.sampled_from(list(features)), min_size=1, unique=True))
    has_created = not static and draw(st.booleans())
    event_form, created_form = (draw(ANY_FORM) for _ in range(2))
    written = _pick([_cut(time, created_form) for time in times])
    row = st.fixed_dictionaries({
        "key": st.tuples(*[_pick(pools[key]) for key in keys]),
        "event": _pick([_cut(time, event_form) for time in times]),
        "created": written if has_created else st.none(),
        "extra_ns": st.integers(0, 999),
        **{feature: st.none() | VALUES[kind] for feature, kind in features.items()},
    })  # fmt: skip
    return View(
        name=name,
        keys=keys,
        features=features,
        asked=asked,
        ttl=None if static else pool.ttl,
        known_at=draw(st.booleans()),
        static=static,
        has_created=has_created,
        event_form=event_form,
        created_form=created_form,
        rows=draw(st.lists(row, min_size=draw(st.sampled_from([6, 3, 0])), max_size=14)),
        files=draw(st.integers(1, 3)),
    )


def _pick(pool: list[Any]) -> st.SearchStrategy[Any]:
    # Null once in a while, else one of the pool.
    return st.sampled_from([*pool, *pool, *pool, None])


def _cut(us: int, form: str) -> int:
    return us // FORMS[form] * FORMS[form]
