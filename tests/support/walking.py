"""A walk: views are edited, applied, loaded and rolled back in any order, and readers watched.

The files that views read are appended to all the time; each value is met once in them, so that a
value tells which file, column and row it is from.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from applied import repository
from loading import UTC_US, Loading
from walked_files import COLUMNS, DRIVER, PATHS, Column, Described, Row, edited

from featurectl.client.online_client import OnlineClient
from featurectl.flows.apply import ApplyRequest, ApplyResult, apply, make_plan
from featurectl.flows.generation_sweep import sweep_retired
from featurectl.flows.rollback import plan_rollback

if TYPE_CHECKING:
    from pathlib import Path

    from walked_files import Files

    from featurectl.definitions.repository import Repository
    from featurectl.plan.plan import Plan

DAY = 86_400_000_000
KEYS = (1, 2, 3)
_OLD = ((1, 5), (2, 3), (2, 1), (3, 1))  # keys, with the age in days of their first rows

_Meaning = dict[tuple[str, str], set[tuple[str, str]]]  # (view, feature) -> (path, column)


class Walk(Loading):
    """One environment; ``files`` is what is in them, ``before`` what once was."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder, url)
        self.client = OnlineClient.over(self.online, self.project, self.env)
        self.rows: dict[str, list[Row]] = {path: [] for path in PATHS}
        self.ever: dict[str, set[Row]] = {path: set() for path in PATHS}
        self.number = 0
        self.files: Files = {"v": Described("s1", {"p": Column("x"), "q": Column("y")})}
        self.before: list[Files] = []
        self.served: _Meaning = {}
        now_us = time.time_ns() // 1_000
        for path in PATHS[:2]:
            for key, days in _OLD:
                self._add(path, key, now_us - days * DAY, now_us - days * DAY)
        self.arrive(1)

    def do(self, kind: str, one: int, other: int) -> None:
        """One step; the numbers choose what it is done to."""
        if kind == "edit":
            self.edit(one, other)
        elif kind == "change":
            self.edit(one, other)
            self.bring()
        elif kind == "revert":
            self.files = [self.files, *self.before][-1 - one % (len(self.before) + 1)]
            self.bring()
        elif kind == "arrive":
            self.arrive(one)
        elif kind == "rollback":
            self.roll_back(one)
        elif kind == "load":
            self.load()
        elif kind == "sweep":
            self.sweep()

    def arrive(self, one: int) -> None:
        """Rows of this moment, and one that is late, in each file; the static one is replaced."""
        now_us = time.time_ns() // 1_000
        for path in PATHS[:2]:
            self._add(path, KEYS[one % 2], now_us, now_us)
            self._add(path, KEYS[2], now_us - (one % 4) * DAY - DAY // 2, now_us)
        self.rows["static"] = []
        for key in KEYS[: 2 + one % 2]:
            self._add("static", key, 0, 0)
        for path, rows in self.rows.items():
            self.ever[path].update(rows)
            columns: dict[str, Any] = {"id": [row.key for row in rows]}
            if path != "static":
                columns["at"] = pa.array([row.event_us for row in rows], UTC_US)
                columns["known"] = pa.array([row.created_us for row in rows], UTC_US)
            for column in COLUMNS:
                columns[column] = pa.array([row.value(path, column) for row in rows], pa.int32())
            pq.write_table(pa.table(columns), self.folder / f".{path}")
            (self.folder / f".{path}").replace(self.folder / f"{path}.parquet")

    def edit(self, one: int, other: int) -> None:
        """One change of the files."""
        self.before.append(self.files)
        self.files = edited(self.files, one, other)

    def bring(self) -> ApplyResult:
        """Apply the files."""
        objects = [part for name, view in self.files.items() for part in view.definitions(name)]
        wanted = repository(DRIVER, *objects)
        plan = make_plan(wanted, self.registry, self.engine, env=self.env, actor=self.actor)
        return self._make(plan, wanted, rolls_back=False)

    def roll_back(self, one: int) -> ApplyResult | None:
        """To before the last change, or to what some run had applied; None where there is none."""
        commits = self.registry.history(self.env)
        if not commits:
            return None
        run = commits[one % len(commits)].run if one % 3 else None
        back = plan_rollback(self.registry, self.env, self.actor, run)
        return self._make(back.plan, back.repository, rolls_back=True)

    def load(self) -> None:
        """Materialize all; from here on each value is that of what is applied."""
        if not self.snapshot.bindings:
            return
        summary = self.run(grace_us=DAY, allow=("empty", "nulls"))
        assert not summary.failed, summary.errors
        found, now_us = self.read(), time.time_ns() // 1_000
        for view, features in found.items():
            for feature, values in features.items():
                expected = [self._newest(view, feature, key, now_us) for key in KEYS]
                assert values == expected, (view, feature)
        assert all(not bound.fill and not bound.needs_fill for bound in self._bound().values())

    def sweep(self) -> None:
        """What nothing reads is removed, whatever the grace time."""
        sweep_retired(self.online, self.registry, self.project, self.env, grace_us=0)

    def read(self) -> dict[str, dict[str, list[int | None]]]:
        """The values of each view and feature that is served, in the order of ``KEYS``."""
        found: dict[str, dict[str, list[int | None]]] = {}
        repo = self.snapshot.repository
        for name, view in repo.views.items():
            if view.online:
                asked = [f"{name}:{feature}" for feature in view.features]
                keys = [{"id": key} for key in KEYS]
                rows = self.client.get_online_features(features=asked, keys=keys).to_dicts()
                found[name] = {feature: [row[feature] for row in rows] for feature in view.features}
        return found

    def check(self) -> None:
        """Readers get values of what serves or served; no two views have the same rows."""
        for view, features in self.read().items():
            for feature, values in features.items():
                for key, value in zip(KEYS, values, strict=True):
                    assert value is None or value in self._met(view, feature, key), (view, feature)
        bound = [each for one in self._bound().values() for each in {one.read.id, one.target.id}]
        assert len(bound) == len(set(bound))

    def _bound(self) -> dict[str, Any]:
        return dict(self.snapshot.bindings)

    def _add(self, path: str, key: int, event_us: int, created_us: int) -> None:
        self.number += 1
        self.rows[path].append(Row(key, event_us, created_us, self.number))

    def _make(self, plan: Plan, wanted: Repository, *, rolls_back: bool) -> ApplyResult:
        self._follow(plan, wanted)
        request = ApplyRequest(DAY, saved=True, rolls_back=rolls_back)
        return apply(plan, wanted, self.registry, self.online, self.actor, request)

    def _follow(self, plan: Plan, wanted: Repository) -> None:
        """Note what may be served from now on: what is wanted, and what was under earlier names."""
        for change in plan.changes:
            if change.kind != "view" or change.action in ("create", "destroy"):
                continue
            was = change.old_name or change.name
            names = {f.feature: f.old for f in change.fields if f.path.endswith(".name")}
            for feature in wanted.views[change.name].features:
                before = self.served.get((was, names.get(feature, feature)), set())
                self.served.setdefault((change.name, feature), set()).update(before)
        for name, view in wanted.views.items():
            for feature in view.features:
                meaning = self._meaning(wanted, name, feature)
                self.served.setdefault((name, feature), set()).add(meaning)

    @staticmethod
    def _meaning(repo: Repository, view: str, feature: str) -> tuple[str, str]:
        source = repo.sources[repo.views[view].source]
        column = next(was for was, name in source.columns.items() if name == feature)
        return source.path.removesuffix(".parquet"), column

    def _met(self, view: str, feature: str, key: int) -> set[int]:
        """Every value that has been in the files for what the feature means or has meant."""
        return {
            row.value(path, column)
            for path, column in self.served[view, feature]
            for row in self.ever[path]
            if row.key == key
        }

    def _newest(self, view: str, feature: str, key: int, now_us: int) -> int | None:
        """What a fresh environment serves."""
        repo = self.snapshot.repository
        path, column = self._meaning(repo, view, feature)
        ttl = repo.views[view].ttl
        rows = [row for row in self.rows[path] if row.key == key]
        newest = max(rows, key=lambda row: (row.event_us, row.created_us), default=None)
        if newest is None or (ttl is not None and newest.event_us <= now_us - ttl):
            return None
        return newest.value(path, column)
