from collections.abc import Callable, Sequence

from featurectl.cli.screens.unlock import lock_lines, locks_screen, question, released, warning
from featurectl.definitions.instant import parse_instant
from featurectl.flows.unlock import Lock
from featurectl.registry.protocol import Actor, Lease

Golden = Callable[[str, Sequence[str]], None]
NOW = parse_instant("2026-11-23T04:12:32Z")
SECOND = 1_000_000
CI = Actor("ci", "runner-7", 8123, "9c01d3e")
ANN = Actor("ann", "laptop", 417)
APPLY = Lock(
    Lease("apply:prod", "7f3a", 4, 43, CI, NOW - 130 * SECOND, NOW - 3 * SECOND),
    "apply",
    died=False,
    now_us=NOW,
)
SILENT = Lock(
    Lease("materialize:dev:trip_stats", "02c9", 1, 44, ANN, NOW - 900 * SECOND, NOW - 50 * SECOND),
    "materialize",
    died=False,
    now_us=NOW,
)
GONE = Lock(
    Lease("materialize:prod:eta", "b81e", 9, 12, CI, NOW - 9_000 * SECOND, NOW - 8_000 * SECOND),
    None,
    died=True,
    now_us=NOW,
)


def test_locks_are_listed_with_their_holders(golden: Golden) -> None:
    golden("unlock.txt", locks_screen([APPLY, SILENT, GONE], "featurectl unlock"))
    assert locks_screen([], "featurectl unlock") == ["No lock is held."]


def test_what_is_asked_before_a_lock_is_released(golden: Golden) -> None:
    shown: list[str] = []
    for lock in (APPLY, SILENT, GONE):
        told = warning(lock)
        shown += [*lock_lines(lock), *([f"warning: {told}"] if told else []), question(lock)]
        shown += [released(lock), ""]

    golden("unlock_asks.txt", shown)
