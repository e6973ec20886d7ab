"""A team changes one feature repository in git, while a model is served from it all the time.

Every plan is compared with what is then done: the changes that apply makes, and the rows and keys
that the load moves.
"""

from __future__ import annotations

import json
import subprocess
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import Cli

from featurectl.client.online_client import OnlineClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from typing_extensions import Self

DRIVERS = 50
CONFIG = """\
project: rides
definitions: [features]
envs:
  prod: {{online: "{online}", registry: "{registry}"}}
"""
VIEWS = """\
entities:
  - {name: driver, join_keys: {driver_id: int64}}
sources:
  - {name: trips, path: data/v1.parquet, event_timestamp: t}
feature_views:
  - name: stats
    entities: [driver]
    source: trips
    ttl: none
    features: {fare: int64, tip: int64}
  - name: unused
    entities: [driver]
    source: trips
    ttl: none
    features: {seats: int64}
"""
SERVICE = """\
feature_services:
  - {name: ranking, owner: eta@example.com, features: ["stats:fare", "stats:tip"]}
"""


class Team:
    """A git repository whose main branch is applied to ``prod``; each merge is one commit."""

    def __init__(self, root: Path, online: str) -> None:
        self.root, self.cli = root, Cli(root)
        (root / "data").mkdir(parents=True)
        for version in (1, 2):
            pq.write_table(_trips(version), root / "data" / f"v{version}.parquet")
        (root / "features").mkdir()
        (root / "features" / "stats.yaml").write_text(VIEWS)
        (root / "features" / "ranking.yaml").write_text(SERVICE)
        config = CONFIG.format(online=online, registry=root.parent / "registry.db")
        (root / "featurectl.yaml").write_text(config)
        (root / ".gitignore").write_text(".featurectl/\n*.json\n")
        self.git("init", "--quiet", "--initial-branch", "main")

    def git(self, *arguments: str) -> str:
        who = ["-c", "user.name=ana", "-c", "user.email=ana@example.com"]
        done = subprocess.run(
            ["git", *who, *arguments], cwd=self.root, check=True, capture_output=True, text=True
        )
        return done.stdout

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def edit(self, old: str, new: str) -> None:
        self.cli.edit("features/stats.yaml", old, new)

    def prod(self, *arguments: str) -> dict[str, Any]:
        """The JSON of a command that succeeds in ``prod``."""
        document: dict[str, Any] = self.cli.ok(
            "--env", "prod", *arguments, "--format", "json"
        ).document
        return document

    def merge(self, message: str, *flags: str) -> dict[str, Any]:
        """Commit, plan, and apply: what was planned is what is done. Returns the plan."""
        self.commit(message)
        plan = self.prod("plan")
        done = self.prod("apply", "--yes", *flags)
        assert [_named(change) for change in done["changes"]] == [
            _named(change) for change in plan["changes"]
        ]
        assert (done["summary"], done["serial"]) == (plan["summary"], plan["serial"] + 1)
        return plan

    def load(self, plan: dict[str, Any]) -> None:
        """Materialize: the rows and keys are those that the plan has told of each view."""
        run = self.prod("materialize")
        moved = {part["view"]: (part["rows"], part["keys"]) for part in run["views"]}
        for change in plan["changes"]:
            if change["kind"] == "view" and change["impact"]["loads"]:
                impact = change["impact"]
                assert moved[change["name"]] == (impact["rows"], impact["keys"])


@dataclass
class Reader:
    """Reads the service on and on; ``seen`` has each distinct vector, in order."""

    url: str
    seen: list[tuple[Any, ...]] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    reads: int = 0
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._read)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def wait(self) -> None:
        """Let it read some more."""
        until = self.reads + 3
        while self.reads < until and not self.mistakes:
            self._stop.wait(0.01)

    def _read(self) -> None:
        keys = [{"driver_id": number} for number in range(DRIVERS)]
        with OnlineClient(self.url, "rides", "prod") as client:
            while not self._stop.is_set():
                try:
                    found = client.get_online_features(service="ranking", keys=keys).to_dicts()
                except Exception as error:  # noqa: BLE001 - any unanswered read is a mistake
                    self.mistakes.append(repr(error))
                    return
                vectors = {tuple(row.values()) for row in found}
                if len(vectors) != 1:
                    self.mistakes.append(f"a mix: {vectors}")
                elif not self.seen or self.seen[-1] not in vectors:
                    self.seen += vectors
                self.reads += 1


def _trips(version: int) -> pa.Table:
    times = pa.array([1_704_110_400_000_000] * DRIVERS, pa.timestamp("us", "UTC"))
    columns = {"driver_id": list(range(DRIVERS)), "t": times}
    values = {name: [version] * DRIVERS for name in ("fare", "tip", "seats", "rating")}
    return pa.table({**columns, **values})


def _named(change: dict[str, Any]) -> tuple[str, ...]:
    return (change["kind"], change["name"], change["action"], change["class"])


def _classes(plan: dict[str, Any]) -> dict[str, str]:
    return {change["name"]: change["class"] for change in plan["changes"]}


@pytest.fixture
def team(tmp_path: Path, redis_url: str) -> Iterator[Team]:
    return Team(tmp_path / "repo", redis_url)


@pytest.fixture
def keys(redis_url: str) -> Callable[[], set[str]]:
    import redis  # noqa: PLC0415 - only what is in the store is looked at with it

    def rows() -> set[str]:
        with redis.Redis.from_url(redis_url) as client:
            return {key.decode() for key in client.scan_iter("rides:*")}

    return rows


def test_a_team_changes_features_that_are_being_served(
    team: Team, redis_url: str, keys: Callable[[], set[str]]
) -> None:
    created = team.merge("create")
    assert set(_classes(created).values()) == {"additive"}
    team.load(created)
    assert len(keys()) == 2 * DRIVERS

    with Reader(redis_url) as reader:
        _add_a_feature(team, reader)
        _break(team, reader)
        _rename(team, reader, keys)
        _destroy_and_roll_back(team, keys)
        _go_back_to_before_the_break(team, reader)
        reader.wait()

    assert reader.mistakes == []
    assert reader.seen == [(1, 1), (2, 2), (1, 1)]
    kinds = [run["kind"] for run in team.prod("history")["runs"]]
    assert kinds.count("rollback") == 2
    assert {run["status"] for run in team.prod("history")["runs"]} == {"ok"}


def _add_a_feature(team: Team, reader: Reader) -> None:
    team.edit("tip: int64}", "tip: int64, rating: int64}")
    plan = team.merge("add")
    assert _classes(plan) == {"stats": "additive"}
    reader.wait()
    team.load(plan)


def _break(team: Team, reader: Reader) -> None:
    """Other data: refused without a word, done with a reviewed line, never seen half."""
    team.edit("data/v1.parquet", "data/v2.parquet")
    refused = team.cli("--env", "prod", "apply", "--yes")
    assert (refused.code, "FC403" in refused.err, "eta@example.com" in refused.err) == (
        4,
        True,
        True,
    )
    (team.root / "features" / "lines.yaml").write_text(
        "acknowledge:\n  - {source: trips, change: breaking, reason: the new meter}\n"
        "  - {view: unused, change: breaking, reason: the new meter}\n"
        "  - {view: stats, change: breaking, reason: the new meter}\n"
    )
    plan = team.merge("acknowledged")
    assert {change["action"] for change in plan["changes"] if change["kind"] == "view"} == {
        "rebuild"
    }
    reader.wait()
    assert reader.seen == [(1, 1)]
    team.load(plan)
    reader.wait()


def _rename(team: Team, reader: Reader, keys: Callable[[], set[str]]) -> None:
    before = keys()
    team.edit("- name: stats", "- name: driver_stats\n    renamed_from: stats")
    team.cli.edit(
        "features/ranking.yaml",
        '"stats:fare", "stats:tip"',
        '"driver_stats:fare", "driver_stats:tip"',
    )
    plan = team.merge("rename")
    assert _classes(plan) == {"driver_stats": "rename", "ranking": "rename"}
    assert keys() == before
    reader.wait()


def _destroy_and_roll_back(team: Team, keys: Callable[[], set[str]]) -> None:
    before, text = keys(), (team.root / "features" / "stats.yaml").read_text()
    (team.root / "features" / "stats.yaml").write_text(text[: text.index("  - name: unused")])
    assert team.cli("--env", "prod", "apply", "--yes").code == 4
    plan = team.merge("destroy", "--allow", "destroy")
    assert _classes(plan) == {"unused": "destroy"}
    assert keys() == before
    back = team.prod("rollback", "--yes")
    assert (back["reused"].keys(), back["incomplete"]) == ({"unused"}, [])
    assert keys() == before
    team.git("revert", "--no-edit", "HEAD")
    assert team.prod("plan")["changes"] == []


def _go_back_to_before_the_break(team: Team, reader: Reader) -> None:
    runs = team.prod("history")["runs"]
    additive = next(run["run"] for run in runs if run["serial"] == 2 and run["kind"] == "apply")
    back = team.prod("rollback", str(additive), "--yes", "--allow", "breaking")
    assert {change["class"] for change in back["changes"] if change["kind"] == "view"} >= {
        "breaking"
    }
    reader.wait()


def test_of_two_branches_the_later_one_is_told_to_plan_again(team: Team) -> None:
    team.merge("create")
    plans = {}
    for branch, feature in (("ana", "seats_ana"), ("ben", "seats_ben")):
        team.git("checkout", "--quiet", "-b", branch, "main")
        team.cli.edit(
            "features/ranking.yaml", "owner: eta@", f"description: {feature}, owner: eta@"
        )
        team.commit(branch)
        plans[branch] = team.root.parent / f"{branch}.json"
        team.cli.ok("--env", "prod", "plan", "--out", str(plans[branch]))
    team.git("checkout", "--quiet", "ana")
    first = team.cli.ok("apply", str(plans["ana"]), "--format", "json").document
    team.git("checkout", "--quiet", "ben")

    late = team.cli("apply", str(plans["ben"]))

    assert (late.code, "FC501" in late.err, "service ranking" in late.err) == (5, True, True)
    assert f"run #{first['run']}" in late.err
    assert team.prod("history")["runs"][0]["run"] == first["run"]
    again = team.prod("plan")
    assert [change["fields"][0]["old"] for change in again["changes"]] == ["seats_ana"]
    assert json.loads(plans["ben"].read_text())["serial"] == again["serial"] - 1
