"""``plan`` on 1,000 views and 10,000 features, as a whole process.

The floors are a bare interpreter, and one that does nothing but read the YAML files with the same
parser.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import many_views
from measure import Figure, processes, run

if TYPE_CHECKING:
    from context import Context

READ_YAML = """
import sys, yaml
from pathlib import Path
for file in Path(sys.argv[1]).glob("*.yaml"):
    for _ in yaml.parse(file.read_text(), Loader=yaml.CSafeLoader):
        pass
"""
SETTLED_S = 3  # files that were written just now are read again, since they may change once more


def figures(context: Context) -> list[Figure]:
    """The first plan, one that changes nothing, and one of a view whose TTL is longer."""
    folder = many_views.write(context.folder / "many_views")
    plan = [str(Path(sys.executable).with_name("featurectl")), "--repo", str(folder), "plan"]
    time.sleep(SETTLED_S)
    first = _against(folder, plan, rounds=3)
    run([*plan[:-1], "apply", "--yes"])
    nothing = _against(folder, plan, rounds=9)
    many_views.edit(folder)
    one = _against(folder, plan, rounds=5)
    found = {"first, 50 of its views weighed": first, "no change": nothing, "one view": one}
    return [figure for name, seconds in found.items() for figure in _figures(name, *seconds)]


def _against(folder: Path, plan: list[str], rounds: int) -> list[float]:
    """The seconds of a bare interpreter, of reading the YAML alone, and of the plan."""
    bare = [sys.executable, "-c", "pass"]
    reading = [sys.executable, "-c", READ_YAML, str(folder / "features")]
    return processes([bare, reading, plan], rounds=rounds)


def _figures(name: str, bare: float, reading: float, plan: float) -> list[Figure]:
    ours = f"{plan * 1e3:.0f} ms"
    floors = {"python": bare, "reading the YAML": reading}
    return [
        Figure(
            f"plan, 1,000 views: {name}", ours, f"{floor} {seconds * 1e3:.0f} ms", plan / seconds
        )
        for floor, seconds in floors.items()
    ]
