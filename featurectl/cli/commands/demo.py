"""``featurectl demo``."""

import shlex
import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from featurectl.cli.console import Console

EXAMPLES = (
    ("featurectl demo", "with the embedded stores; leaves nothing behind"),
    ("featurectl demo --keep", "leaves its folder, to look around in"),
    ("featurectl demo --online redis://localhost:6379/9", "serves from a Redis"),
)


def run(
    ctx: typer.Context,
    online: Annotated[
        str | None, typer.Option(metavar="URL", help="an online store, such as redis://host:6379/9")
    ] = None,
    *,
    keep: Annotated[
        bool, typer.Option("--keep", help="leave the folder, and the keys in the online store")
    ] = False,
) -> None:
    """The whole job on real data, in a scratch folder: each command and what it prints.

    It predicts late departures from New York: 328,521 flights of 2013, with weather, carriers and
    aircraft. Nothing outside of the folder and, with --online, of the keys of project "flights"
    in that store is touched.
    """
    from featurectl.cli import demo  # noqa: PLC0415 - not for --help

    console = ctx.obj.console
    if online:
        _check_free(online)
    started = time.perf_counter()
    folder = demo.scratch_folder()
    code = 1
    try:
        root = demo.copy_example(folder)
        console.result([f"A copy of the example repository is in {root}"])
        code = demo.run_steps(root, online, console)
        if code == 0:
            console.result(_ending(root, online, time.perf_counter() - started, keep=keep))
    finally:
        _clean_up(console, folder, online, keep=keep or code != 0)
    raise typer.Exit(code)


def _check_free(online: str) -> None:
    """Refuse a store in which somebody else has a project of that name."""
    from featurectl.cli.demo import ENV, PROJECT  # noqa: PLC0415 - not for --help
    from featurectl.wiring.stores import open_online  # noqa: PLC0415 - same

    store = open_online(online, Path.cwd())
    try:
        if store.read(PROJECT, ENV) is not None:
            raise typer.BadParameter(
                f'that store has a project "{PROJECT}" (env {ENV}) already, which the demo would '
                "replace; give another database, such as redis://localhost:6379/9",
                param_hint="--online",
            )
    finally:
        store.close()


def _ending(root: Path, online: str | None, elapsed: float, *, keep: bool) -> list[str]:
    from featurectl.cli.figures import seconds  # noqa: PLC0415 - not for --help
    from featurectl.cli.paint import paint  # noqa: PLC0415 - same
    from featurectl.definitions.url import mask_url  # noqa: PLC0415 - same

    steps = [
        ("cd " + str(root), "change a ttl in features/weather.yaml, then: featurectl plan")
        if keep
        else ("featurectl demo --keep", "keep the folder, and look around in it"),
        ("featurectl init fraud", "a repository of your own"),
        ("featurectl --help", "all commands"),
    ]
    activate = Path(sys.prefix, "bin", "activate")
    if not shutil.which("featurectl") and activate.exists():
        steps.insert(0, (f". {shlex.quote(str(activate))}", "featurectl on your PATH"))
    width = max(len(command) for command, _ in steps)
    lines = ["", paint(f"That was all of it, in {seconds(elapsed)}. Next:", "bold")]
    lines += [f"  {command:<{width}}  {text}" for command, text in steps]
    if online and keep:
        url = mask_url(online)
        client = f"redis-cli -u {url}"
        lines += [
            f'The keys of project "flights" are still in {url}. To remove them:',
            f"  {client} --scan --pattern 'flights[:@]*' | xargs {client} unlink",
        ]
    return lines


def _clean_up(console: "Console", folder: Path, online: str | None, *, keep: bool) -> None:
    from featurectl.cli.demo import PROJECT, remove_keys  # noqa: PLC0415 - not for --help
    from featurectl.cli.figures import plural  # noqa: PLC0415 - same

    if keep:
        console.note([f"The folder stays: {folder / PROJECT}"])
        return
    if online:
        rows: Any = remove_keys(folder / PROJECT, online)
        console.note([f"The online store is as it was: {plural(rows, 'row')} removed."])
    shutil.rmtree(folder, ignore_errors=True)
