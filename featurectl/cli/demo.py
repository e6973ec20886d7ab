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
from typing import TYPE_CHECKING

from featurectl.cli.paint import paint
from featurectl.flows.templates import example_folder

if TYPE_CHECKING:
    from collections.abc import Mapping

    from featurectl.cli.console import Console

PROJECT, ENV = "flights", "dev"


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
        "Every departure of 2013 from New York, joined with what was known an hour before it left.",
        "featurectl get-historical --service delay_model_v1 --entities data/departures.parquet "
        "--out train.parquet",
    ),
    Step(
        "Load",
        "The newest values go into the online store. The data are of 2013, so that is where --to "
        "ends.",
        "featurectl materialize --to 2013-12-31T00:00Z",
    ),
    Step(
        "Serve",
        "The same features for one flight, as a model is served them. Weather of 2013 is EXPIRED "
        "today, as it\nshould be (ttl 3h); the carrier's view says on_stale: serve, and the rest "
        "has no ttl.",
        "featurectl get-online --service delay_model_v1 origin=JFK dest=LAX carrier=UA "
        "tailnum=N14228 --meta",
    ),
    Step(
        "Observe",
        "Views with a schedule are stale: no new data have come since 2013.",
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
        console.result(["", head, *step.text.split("\n"), "", command])
        code = subprocess.call(_process(step.command), cwd=root, env=environment)  # noqa: S603 - our own commands
        if code:
            return code
    return 0


def remove_keys(root: Path, online: str) -> int:
    """Remove from an online store what the demonstration in ``root`` has put there; how many rows.

    Only generations that its own registry lists are touched, and its manifest.
    """
    from featurectl.client.feature_store import FeatureStore  # noqa: PLC0415 - not for --help
    from featurectl.online.keys import manifest_key, version_key  # noqa: PLC0415 - same

    with FeatureStore(root, env=ENV, online=online) as store:
        snapshot = store.snapshot()
        if not snapshot.serial:
            return 0
        target = store.environment.online
        bound = [b for binding in snapshot.bindings.values() for b in (binding.read, binding.fill)]
        rows = sum(target.sweep(PROJECT, generation.id) for generation in bound if generation)
        target.delete([version_key(PROJECT, ENV), manifest_key(PROJECT, ENV)])
    return rows


def _process(command: str) -> list[str]:
    return [sys.executable, "-m", "featurectl", *split(command)[1:]]


def _environment(online: str | None) -> Mapping[str, str]:
    """This process's environment, but none of the user's own stores."""
    found = {
        name: value for name, value in os.environ.items() if not name.startswith("FEATURECTL_")
    }
    package = str(Path(__file__).resolve().parents[2])
    found["PYTHONPATH"] = os.pathsep.join(filter(None, [package, found.get("PYTHONPATH")]))
    return found | ({"FEATURECTL_ONLINE": online} if online else {})
