"""What `status` and `ls` load to read a registry: the standard library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from registries import commit_of

import featurectl
from featurectl.registry.sqlite import SqliteRegistry

READ = """
import sys
from pathlib import Path
from featurectl.registry.sqlite import SqliteRegistry
store = SqliteRegistry.open(Path(sys.argv[1]), "flights", create=False)
assert store.snapshot("dev").documents("entity")["a"]["description"] == "of dev"
store.history("dev"), store.runs("dev"), store.holders(), store.progress("dev", [])
store.close()
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_reading_loads_nothing_but_the_standard_library(tmp_path: Path) -> None:
    path = tmp_path / "registry.db"
    SqliteRegistry.open(path, "flights", create=True).commit(commit_of(0, {"a": "of dev"}))

    done = subprocess.run(
        [sys.executable, "-S", "-c", READ, str(path)],  # -S: without what is installed
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(featurectl.__file__).parents[1],
    )

    loaded = set(done.stdout.split())
    assert loaded - set(sys.stdlib_module_names) == {"__main__", "featurectl"} & loaded
    assert not loaded & {"subprocess", "uuid", "socket", "asyncio", "unittest"}
