"""The program ``featurectl``: answers ``--version`` at once, and leaves the rest to ``cli``."""

import sys

from featurectl import __version__


def main() -> int:
    """Run the command line of this process, and return its exit code."""
    arguments = sys.argv[1:]
    # Before typer is imported, which takes five bare starts.
    if arguments == ["--version"] and sys.stdout is not None:
        sys.stdout.write(f"featurectl {__version__}\n")
        return 0
    from featurectl.cli.run import run  # noqa: PLC0415 - see above

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
