"""The demonstration: the example repository in a scratch folder, and commands as one types them.

Every command is a process of its own, with this process's terminal, so that what is shown is what
a user sees.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from shlex import split
from textwrap import wrap
from typing import TYPE_CHECKING

from featurectl.cli.paint import paint
from featurectl.flows.templates import example_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.cli.console import Console

PROJECT, ENV = "flights", "dev"
_WIDTH = 78


@dataclass(frozen=True)
class Step:
    """A command and, before it, what it is for."""

    title: str
    text: str
    command: str


STEPS = (
    Step(
        "Define",
        "Features are defined once, in files under git: YAML, Python, or both.",
        "featurectl check",
    ),
    Step(
        "Plan",
        "What would change is shown first. Nothing is changed by looking.",
        "featurectl plan --out plan.json",
    ),
    Step("Apply", "Exactly that plan, or nothing.", "featurectl apply plan.json"),
    Step(
        "Train",
        "Every departure from New York in 2013, joined with what was true an hour before it. For "
        "each view: how many rows found a value, and why not. The warning counts values that were "
        "true by then, but not known yet.",
        "featurectl get-historical --service delay_model_v1 --entities data/departures.parquet "
        "--out train.parquet",
    ),
    Step(
        "Load",
        "The newest value of each airport, carrier and aircraft goes into the online store. The "
        "data end in 2013, so does the run (--to); the next one continues from there.",
        "featurectl materialize --to 2013-12-31T00:00Z",
    ),
    Step(
        "Serve",
        "The same features for one flight, as a model is served them. Weather of 2013 is EXPIRED "
        "today, as it should be: its ttl is 3h. The carrier's view says on_stale: serve, so its "
        "old values are served. What has no ttl is PRESENT.",
        "featurectl get-online --service delay_model_v1 origin=JFK dest=LAX carrier=UA "
        "tailnum=N14228 --meta",
    ),
    Step(
        "Observe",
        "How fresh is what is served? The two views with a schedule are stale: nothing new since "
        "2013.",
        "featurectl status",
    ),
)


def copy_example(folder: Path) -> Path:
    """A copy of the example repository under ``folder``, without stores of its own."""
    root = folder / PROJECT
    ignored = shutil.ignore_patterns(".featurectl", "__pycache__")
    shutil.copytree(example_folder(), root, ignore=ignored)
    return root


def scratch_folder() -> Path:
    """A new folder under the temporary one."""
    return Path(tempfile.mkdtemp(prefix="featurectl-demo-"))


def run_steps(root: Path, online: str | None, console: Console) -> int:
    """Show and run each step in ``root``; stops at the first that fails, with its exit code."""
    environment = _environment(online)
    for number, step in enumerate(STEPS, start=1):
        head = paint(f"{number}. {step.title}", "bold", "cyan")
        command = paint(f"$ {step.command}", "bold")
        console.result(["", head, *wrap(step.text, _WIDTH), "", command])
        code = _run(step.command, root, environment)
        if code:
            return code
    return 0


def remove_keys(root: Path, online: str) -> int:
    """Remove from an online store what the demonstration in ``root`` has put there; how many rows.

    Only generations that its own registry lists are touched, and its manifest.
    """
    from featurectl.client.feature_store import FeatureStore  # noqa: PLC0415 - not for --help
    from featurectl.online.keys import manifest_key, version_key  # noqa: PLC0415 - same

    # Named here, so that a variable of the user's can't lead to another registry.
    registry = str(root / ".featurectl/registry.db")
    with FeatureStore(root, env=ENV, online=online, registry=registry) as store:
        snapshot = store.snapshot()
        if not snapshot.serial:
            return 0
        target = store.environment.online
        bound = [b for binding in snapshot.bindings.values() for b in (binding.read, binding.fill)]
        rows = sum(target.sweep(PROJECT, generation.id) for generation in bound if generation)
        target.delete([version_key(PROJECT, ENV), manifest_key(PROJECT, ENV)])
    return rows


def _run(command: str, root: Path, environment: Mapping[str, str]) -> int:
    # Notes and results in one stream: who saves the demonstration in a file wants all of it.
    arguments = [sys.executable, "-m", "featurectl", *split(command)[1:]]
    return subprocess.call(arguments, cwd=root, env=environment, stderr=subprocess.STDOUT)  # noqa: S603 - our own commands


def _environment(online: str | None) -> Mapping[str, str]:
    """This process's environment, but none of the user's own stores."""
    found = {
        name: value for name, value in os.environ.items() if not name.startswith("FEATURECTL_")
    }
    package = str(Path(__file__).resolve().parents[2])
    found["PYTHONPATH"] = os.pathsep.join(filter(None, [package, found.get("PYTHONPATH")]))
    return found | ({"FEATURECTL_ONLINE": online} if online else {})
