"""The program ``featurectl``: answers ``--version`` at once, and leaves the rest to ``cli``."""

import gc
import sys

from featurectl import __version__

_GARBAGE = 100_000  # objects that are made before cycles among them are looked for


def main() -> int:
    """Run the command line of this process, and return its exit code."""
    arguments = sys.argv[1:]
    # Before typer is imported, which takes five bare starts.
    if arguments == ["--version"] and sys.stdout is not None:
        sys.stdout.write(f"featurectl {__version__}\n")
        return 0
    # Python looks after every 700: a third of the time in which 10,000 features are read.
    gc.set_threshold(_GARBAGE)
    from featurectl.cli.run import run  # noqa: PLC0415 - see above

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
