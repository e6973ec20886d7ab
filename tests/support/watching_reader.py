"""A process that reads on and on, and notes what it was told and what it never should have been."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING, Any

from featurectl.client.online_client import OnlineClient

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.sharedctypes import Synchronized
    from multiprocessing.synchronize import Event

    from featurectl.flows.vectors import OnlineFeatures

DRIVERS, ZONES = 10, ("a", "b", "c")
ROWS = [{"id": number, "zone": zone} for number in range(1, DRIVERS + 1) for zone in ZONES]
THOUSAND = 1_000
# By output column of service ``svc``: the view, and what a row's keys add to its version.
COLUMNS = {
    "a": ("stats", lambda row: row["id"]),
    "b": ("stats", lambda row: row["id"]),
    "c": ("other", lambda row: row["id"]),
    "d": ("area", lambda row: ord(row["zone"])),
    "e": ("pair", lambda row: row["id"] + ord(row["zone"])),
    "w": ("table", lambda row: row["id"]),
}
_MOST_MISTAKES = 20
VIEWS = ("stats", "other", "area", "pair", "table")


@dataclass
class Seen:
    """The distinct states of ``svc``, in the order in which they came, and every mistake."""

    states: list[tuple[int, ...]] = field(default_factory=list)
    columns: list[list[str]] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)


def watch(
    url: str, project: str, stop: Event, reads: Sequence[Synchronized[int]], answers: Any
) -> None:
    """Read until ``stop`` is set, in as many threads of one client as ``reads`` has counters.

    ``answers`` gets a :class:`Seen` of each thread.
    """
    with OnlineClient(url, project, "dev") as client:
        threads = [Thread(target=_watch, args=(client, stop, each, answers)) for each in reads]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def _watch(client: OnlineClient, stop: Event, reads: Synchronized[int], answers: Any) -> None:
    seen = Seen()
    while not stop.is_set():
        try:
            _round(client, seen)
        except Exception as error:  # noqa: BLE001 - any answer but an answer is a mistake
            seen.mistakes.append(f"not answered: {error!r}")
        del seen.mistakes[_MOST_MISTAKES:]
        with reads.get_lock():
            reads.value += 1
    answers.put(seen)


def _round(client: OnlineClient, seen: Seen) -> None:
    state = _state(client.get_online_features(service="svc", keys=ROWS), seen)
    if state and (not seen.states or seen.states[-1] != state):
        seen.states.append(state)
    _check_kept(client.get_online_features(service="follows", keys=ROWS), seen)
    _check_whole(client.get_online_features(features=["stats"], keys=ROWS), seen)


def _state(found: OnlineFeatures, seen: Seen) -> tuple[int, ...]:
    """The version of each view; a vector that mixes two, or lacks a value, is a mistake."""
    versions: dict[str, set[int]] = {view: set() for view in VIEWS}
    for row, keys in zip(found.to_dicts(), ROWS, strict=True):
        for column, (view, plus) in COLUMNS.items():
            versions[view].add(_version(row[column], plus(keys), seen, f"{keys} {column}"))
    mixed = {view: found for view, found in versions.items() if len(found) > 1}
    if mixed:
        seen.mistakes.append(f"mixed: {mixed}")
        return ()
    return tuple(versions[view].pop() for view in VIEWS)


def _version(value: int | None, plus: int, seen: Seen, where: str) -> int:
    version, rest = divmod((value or 0) - plus, THOUSAND)
    if value is None or rest:
        seen.mistakes.append(f"{where} is {value}")
    return version


def _check_kept(found: OnlineFeatures, seen: Seen) -> None:
    """A service whose view is renamed on the way: its values stay."""
    expected = [{"k": THOUSAND + row["id"]} for row in ROWS]
    if found.to_dicts() != expected:
        seen.mistakes.append(f"follows: {found.to_dicts()[:2]}")


def _check_whole(found: OnlineFeatures, seen: Seen) -> None:
    """A view that gets a feature: the others are always there, it is null until it is filled."""
    rows = found.to_dicts()
    versions = {
        _version(row["a"], keys["id"], seen, "whole") for row, keys in zip(rows, ROWS, strict=True)
    }
    for row, keys in zip(rows, ROWS, strict=True):
        z = row.get("z")
        if row["b"] != row["a"] or (z is not None and z != row["a"]):
            seen.mistakes.append(f"whole: {keys} {row}")
    if len(versions) > 1:
        seen.mistakes.append(f"whole: {versions}")
    columns = [name for name in rows[0] if name not in ("id", "zone")]
    filled = [*columns, "all"] if "z" in columns and all(row["z"] for row in rows) else columns
    if not seen.columns or seen.columns[-1] != filled:
        seen.columns.append(filled)
