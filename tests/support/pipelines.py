"""Runs the scripts of a pipeline's jobs as its runner would, each job in a fresh clone.

Only what lies outside of the machine is stood in for: ``gh`` and ``curl`` write to a file what they
would send. Checkouts have the depth that the pipeline asks for.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

_STUBS = Path(__file__).parent / "pipeline_stubs"
_EXPRESSION = re.compile(r"\$\{\{ (.*?) \}\}")


@dataclass(frozen=True)
class Ran:
    """How a job ended: its exit code, and what each step that ran printed."""

    code: int
    out: str


@dataclass
class Host:
    """A git host with a repository, the comments on its requests, and its runners' scratch."""

    origin: Path
    scratch: Path
    secrets: dict[str, str] = field(default_factory=dict)

    def comments(self) -> list[dict[str, Any]]:
        """What was sent, by whom, in the order of creation."""
        path = self.scratch / "comments.json"
        return json.loads(path.read_text("utf-8")) if path.exists() else []

    def clone(self, branch: str, depth: int, commit: str = "") -> Path:
        """A fresh working folder of a branch, or of a commit that it had.

        The whole history for a depth of 0.
        """
        work = self.scratch / "work"
        shutil.rmtree(work, ignore_errors=True)
        depths = ["--depth", str(depth)] if depth else []
        subprocess.run(
            ["git", "clone", "-q", *depths, "--branch", branch, f"file://{self.origin}", work],
            check=True,
        )
        if commit:
            fetch = ["git", "-C", work, "fetch", "-q", *depths, "origin", commit]
            subprocess.run(fetch, check=True)
            subprocess.run(["git", "-C", work, "checkout", "-q", commit], check=True)
        return work

    def environment(self, **more: str) -> dict[str, str]:
        """What every script sees."""
        ours = {
            name: text for name, text in os.environ.items() if not name.startswith("FEATURECTL")
        }
        path = [str(_STUBS), str(Path(sys.executable).parent), os.environ["PATH"]]
        return {
            **ours,
            "PATH": os.pathsep.join(path),
            "STUB_COMMENTS": str(self.scratch / "comments.json"),
            **more,
            "PIP_NO_INDEX": "1",  # what is installed already must do
            "FEATURECTL": f"featurectl[postgres]=={version('featurectl')}",
        }


def bash(script: str, folder: Path, environment: Mapping[str, str]) -> Ran:
    """A script as both hosts run it: ended by the first command that fails."""
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout)


def github_job(
    host: Host, name: str, *, branch: str, secrets: bool = True, commit: str = ""
) -> Ran:
    """Run a job of the workflow on a branch, or on a commit that it had.

    A pull request from a fork has no secrets.
    """
    file = ".github/workflows/featurectl.yml"
    shown = subprocess.run(
        ["git", "show", f"{branch}:{file}"], cwd=host.origin, capture_output=True, check=True
    )
    workflow = yaml.safe_load(shown.stdout)
    job = workflow["jobs"][name]
    work = host.scratch / "empty"
    work.mkdir(exist_ok=True)
    known = {
        "github.token": "t0k3n",
        "github.event.pull_request.number": "7",
        "runner.temp": str(host.scratch),
        **{f"secrets.{key}": value for key, value in host.secrets.items() if secrets},
    }

    def evaluated(text: str) -> str:
        return _EXPRESSION.sub(lambda match: known.get(match[1], ""), text)

    code, out = 0, ""
    for step in job["steps"]:
        if code and "!cancelled()" not in step.get("if", ""):
            continue
        action, settings = step.get("uses", "@").split("@")[0], step.get("with", {})
        if action == "actions/checkout":
            work = host.clone(branch, settings.get("fetch-depth", 1), commit)
        elif action == "actions/upload-artifact":
            shutil.copy(evaluated(settings["path"]), host.scratch / settings["name"])
        elif action == "actions/download-artifact":
            shutil.copy(host.scratch / settings["name"], work / "plan.md")
        elif "run" in step:
            values = {**workflow["env"], **step.get("env", {})}
            ran = bash(
                step["run"],
                work / job.get("defaults", {}).get("run", {}).get("working-directory", "."),
                host.environment(
                    GITHUB_REF_NAME=branch,
                    GITHUB_REPOSITORY="acme/features",
                    GITHUB_STEP_SUMMARY=str(host.scratch / "summary.md"),
                    GITHUB_WORKSPACE=str(work),
                    RUNNER_TEMP=str(host.scratch),
                    **{key: evaluated(value) for key, value in values.items()},
                ),
            )
            code, out = code or ran.code, out + ran.out
    return Ran(code, out)


def gitlab_job(
    host: Host, name: str, *, branch: str, variables: Mapping[str, str], commit: str = ""
) -> Ran:
    """Run a job of the pipeline on a branch, or on a commit that it had.

    ``variables`` are those that it is given.
    """
    shown = subprocess.run(
        ["git", "show", f"{branch}:.gitlab-ci.yml"],
        cwd=host.origin,
        capture_output=True,
        check=True,
    )
    pipeline = yaml.safe_load(shown.stdout)
    own = pipeline[name]
    above = pipeline[own["extends"]] if "extends" in own else {}
    job = {**above, **own, "variables": {**above.get("variables", {}), **own.get("variables", {})}}
    if job["variables"].get("GIT_STRATEGY") == "none":
        work = host.scratch / "empty"
        work.mkdir(exist_ok=True)
    else:
        work = host.clone(branch, int(job["variables"].get("GIT_DEPTH", 20)), commit)
    kept = [*pipeline["featurectl plan"]["artifacts"]["paths"]]
    for path in kept if job.get("needs") else ():
        shutil.copy(host.scratch / path, work / path)
    ran = bash(
        "\n".join([*job.get("before_script", ()), *job["script"]]),
        work,
        host.environment(
            CI_PROJECT_DIR=str(work),
            CI_COMMIT_BRANCH=branch,
            CI_API_V4_URL="https://gitlab.example/api/v4",
            CI_PROJECT_ID="1",
            CI_MERGE_REQUEST_IID="7",
            **{**job["variables"], **variables},
        ),
    )
    for path in kept if name == "featurectl plan" else ():
        shutil.copy(work / path, host.scratch / path)
    return ran
