"""Runs materialize again and again, and kills it each time at a random moment.

``python killed_runs.py FOLDER URL PROJECT KILLS``; the views are already applied there. Every
run covers all rows up to an end that is a minute later, and finds the file of the static view
changed. Prints, as JSON, the watermark after each kill.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from contextlib import closing
from pathlib import Path

from loading import Loading

from featurectl.registry.sqlite import SqliteRegistry

MINUTE_US = 60_000_000


def main() -> None:
    folder, url, project, kills = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    chance = random.Random(project)
    watermarks: list[int | None] = []
    longest_s = 0.4  # some runs are to finish, and others not, however busy the machine is
    for _ in range(kills):
        # Nothing is open at this moment: what the child inherits are modules and no connections.
        child = os.fork()
        if not child:
            run_on(folder, url, project)
        time.sleep(chance.uniform(0.02, longest_s))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        with closing(SqliteRegistry(folder / f"{project}.db", project)) as registry:
            watermarks.append(watermark(registry))
        has_moved = watermarks[-1] != (watermarks[-2] if len(watermarks) > 1 else None)
        longest_s *= 0.8 if has_moved else 1.5
    sys.stdout.write(json.dumps(watermarks))


def run_on(folder: Path, url: str, project: str) -> None:
    try:
        loading = Loading(folder, url, project=project)
        while True:
            os.utime(folder / "table.parquet", ns=(time.time_ns(), time.time_ns()))
            summary = loading.run(full=True, end=(watermark(loading.registry) or 0) + MINUTE_US)
            assert not summary.failed, summary.failed
    except BaseException:  # noqa: BLE001 - told to the test
        sys.excepthook(*sys.exc_info())
    os._exit(1)


def watermark(registry: SqliteRegistry) -> int | None:
    generation = registry.snapshot("dev").bindings["stats"].read.id
    progress = registry.progress("dev", [generation])
    return progress[generation].watermark_us if progress else None


if __name__ == "__main__":
    main()
