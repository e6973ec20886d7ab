"""Print how fast featurectl is, as ratios taken in one run.

``python benchmarks/run.py [--size SIZE,…] [--only CASE,…] [--feast PYTHON]``: sizes are those of
``generate.py``; ``--feast`` names the Python of an environment with ``feast[redis,duckdb]``, which
then does the same work beside ours. Machines are noisy: read the ratios, not the times.
"""

from __future__ import annotations

import argparse
import tempfile
from importlib import import_module
from pathlib import Path

from context import Context
from generate import SIZES
from measure import show

CASES = ("startup", "plan", "historical", "views", "memory", "explain", "materialize", "online")
SIZED = ("historical", "materialize")  # the others have a size of their own


def main() -> None:
    """Run the cases one after the other, and print each table when it is done."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="M", help=f"some of {', '.join(SIZES)}")
    parser.add_argument("--only", default=",".join(CASES))
    parser.add_argument("--feast", metavar="PYTHON")
    parser.add_argument("--folder", type=Path, help="keep what is generated here for another run")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        context = Context(args.folder or Path(scratch), feast_python=args.feast)
        try:
            for name in args.only.split(","):
                for context.size in args.size.split(",") if name in SIZED else ["M"]:
                    print(f"\n{name}", flush=True)
                    show(import_module(name).figures(context))
        finally:
            context.close()


if __name__ == "__main__":
    main()
