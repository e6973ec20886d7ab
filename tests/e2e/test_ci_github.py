"""The workflow that `init --ci github` writes, run script by script on a scratch git repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml
from command_line import Cli
from git_repository import GitRepository
from pipelines import Host, github_job

from featurectl.cli.run import run
from featurectl.client.feature_store import FeatureStore

if TYPE_CHECKING:
    from pathlib import Path

VIEW = "stores/shop/features/driver.yaml"
MARKER = "<!-- featurectl:plan:prod -->"
ACKNOWLEDGE = """
acknowledge:
  - {view: driver_stats, change: breaking, reason: the model leaves it out}
  - {service: ranking_v1, change: breaking, reason: the model leaves it out}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository with a feature repository two folders below its root, and a workflow."""
    git = GitRepository.create(tmp_path_factory.mktemp("made") / "mono")
    assert run(["init", str(git.root / "stores" / "shop"), "--template", "minimal"]) == 0
    config = git.root / "stores" / "shop" / "featurectl.yaml"
    config.write_text(config.read_text() + 'envs:\n  prod: {online: "${NO_SUCH_URL}"}\n')
    assert run(["--repo", str(git.root / "stores" / "shop"), "init", "--ci", "github"]) == 0
    git.commit("a feature repository")
    return git.root


@pytest.fixture
def git(made: Path, tmp_path: Path) -> GitRepository:
    """A clone of it, in which work is done."""
    found = GitRepository.create(tmp_path / "origin")
    found.git("pull", "-q", str(made), "main")
    return found


@pytest.fixture
def host(git: GitRepository, tmp_path: Path) -> Host:
    """Where it is hosted, with secrets: files that stay where a runner's disk would not."""
    (tmp_path / "runner").mkdir()
    stores = {
        "REGISTRY_URL": str(tmp_path / "registry.db"),
        "ONLINE_URL": str(tmp_path / "online.db"),
    }
    return Host(git.root, tmp_path / "runner", stores)


@pytest.fixture
def production(host: Host, postgres_url: str, redis_url: str) -> Host:
    """The same with the stores that the workflow asks for."""
    host.secrets.update(REGISTRY_URL=postgres_url, ONLINE_URL=redis_url)
    return host


def propose(git: GitRepository, message: str) -> None:
    """Commit what was edited on a branch, and its merge as a pull request has it."""
    git.git("checkout", "-q", "-B", "proposal")
    git.commit(message)
    git.git("checkout", "-q", "-B", "request", "main")
    git.git("merge", "-q", "--no-ff", "-m", "the request", "proposal")
    git.git("checkout", "-q", "proposal")


def merge(git: GitRepository) -> None:
    git.git("checkout", "-q", "main")
    git.git("merge", "-q", "--no-ff", "-m", "merged", "proposal")


def serial(host: Host, git: GitRepository) -> int:
    stores = {"registry": host.secrets["REGISTRY_URL"], "online": host.secrets["ONLINE_URL"]}
    with FeatureStore(git.root / "stores" / "shop", env="prod", **stores) as store:
        return store.snapshot().serial


def drop_a_feature(git: GitRepository) -> None:
    """What the service reads goes away."""
    text = (git.root / VIEW).read_text()
    text = re.sub(r" +conv_rate: .*\n", "", text).replace("      - driver_stats:conv_rate\n", "")
    git.write(VIEW, text)


def test_from_a_request_over_a_refusal_to_what_is_served(
    git: GitRepository, production: Host
) -> None:
    host = production
    first = github_job(host, "apply", branch="main")
    assert first.code == 0, first.out
    assert serial(host, git) == 1

    git.edit(VIEW, "ttl: 24h", "ttl: 48h")
    propose(git, "a longer ttl")
    planned = github_job(host, "plan", branch="request")
    assert planned.code == 0, planned.out
    assert "::notice title=additive%3A view driver_stats,file=" + VIEW in planned.out
    assert github_job(host, "comment", branch="request").code == 0
    [comment] = host.comments()
    assert comment["body"].startswith(MARKER)
    assert "ttl 1d → 2d" in comment["body"]
    assert (host.scratch / "summary.md").read_text().strip() == comment["body"].strip()

    drop_a_feature(git)
    propose(git, "and without conv_rate")
    planned = github_job(host, "plan", branch="request")
    assert planned.code == 0, planned.out
    assert "::error title=breaking%3A service ranking_v1" in planned.out
    assert github_job(host, "comment", branch="request").code == 0
    [replaced] = host.comments()
    assert replaced["id"] == comment["id"]
    assert "Not yet acknowledged, and refused until then" in replaced["body"]

    merge(git)
    refused = github_job(host, "apply", branch="main")
    assert refused.code == 4, refused.out
    assert "error[FC403]" in refused.out
    assert serial(host, git) == 1

    git.write(VIEW, (git.root / VIEW).read_text() + ACKNOWLEDGE)
    propose(git, "on purpose")
    assert github_job(host, "plan", branch="request").code == 0
    assert github_job(host, "comment", branch="request").code == 0
    [acknowledged] = host.comments()
    assert "Acknowledged:" in acknowledged["body"]
    assert "the model leaves it out" in acknowledged["body"]
    assert "Not yet acknowledged" not in acknowledged["body"]

    merge(git)
    applied = github_job(host, "apply", branch="main")
    assert applied.code == 0, applied.out
    assert serial(host, git) == 2
    loaded = github_job(host, "materialize", branch="main")
    assert loaded.code == 0, loaded.out
    assert re.search(r"Done run=\d+ ok=1", loaded.out)
    assert list(host.scratch.glob("work/**/*.db")) == []  # nothing was left on the runner


def test_a_request_from_a_fork_is_compared_by_git_alone(git: GitRepository, host: Host) -> None:
    git.edit(VIEW, "ttl: 24h", "ttl: 12h")
    propose(git, "shorter")
    git.git("checkout", "-q", "main")  # which moves on meanwhile
    git.write("other.txt", "x")
    git.commit("elsewhere")

    planned = github_job(host, "plan", branch="request", secrets=False)

    assert planned.code == 0, planned.out
    text = (host.scratch / "featurectl-plan").read_text()
    assert text.startswith(MARKER)
    assert "against HEAD^1" in text
    assert "**1 narrowing**" in text


def test_a_broken_request_fails_and_its_comment_has_the_errors(
    git: GitRepository, host: Host
) -> None:
    git.edit(VIEW, "ttl: 24h", "tll: 24h")
    propose(git, "a slip")

    planned = github_job(host, "plan", branch="request")

    assert planned.code == 1
    assert f"::error title=FC103,file={VIEW},line=15,col=5::" in planned.out
    assert github_job(host, "comment", branch="request").code == 0
    [comment] = host.comments()
    assert comment["body"].startswith(MARKER)
    assert 'unknown key "tll"' in comment["body"]


def test_an_old_job_that_is_run_again_undoes_nothing(git: GitRepository, host: Host) -> None:
    old = git.git("rev-parse", "main").strip()
    git.edit(VIEW, "ttl: 24h", "ttl: 12h")
    git.commit("shorter")

    again = github_job(host, "apply", branch="main", commit=old)

    assert again.code == 0, again.out
    assert "The branch has newer definitions" in again.out
    assert serial(host, git) == 0


def test_a_newer_commit_of_others_keeps_nobody_from_applying(
    git: GitRepository, host: Host
) -> None:
    ours = git.git("rev-parse", "main").strip()
    git.write("elsewhere.txt", "x")  # no path that the workflow watches
    git.commit("elsewhere")

    applied = github_job(host, "apply", branch="main", commit=ours)

    assert applied.code == 0, applied.out
    assert serial(host, git) == 1


def test_without_a_registry_nothing_is_applied(host: Host) -> None:
    applied = github_job(host, "apply", branch="main", secrets=False)

    assert applied.code != 0
    assert "set the secret REGISTRY_URL" in applied.out
    assert list(host.scratch.glob("work/**/registry.db")) == []


def test_only_what_needs_a_right_has_it_and_no_text_of_others_reaches_a_shell(made: Path) -> None:
    workflow = yaml.safe_load((made / ".github/workflows/featurectl.yml").read_text())
    jobs = workflow["jobs"]

    assert workflow["permissions"] == {}
    rights = {name: job["permissions"] for name, job in jobs.items()}
    assert rights.pop("comment") == {"pull-requests": "write"}
    assert set(map(str, rights.values())) == {"{'contents': 'read'}"}
    steps = [step for job in jobs.values() for step in job["steps"]]
    assert not any("${{" in step.get("run", "") for step in steps)
    assert all(re.fullmatch(r"actions/[a-z-]+@v\d+", s["uses"]) for s in steps if "uses" in s)
    assert "pull_request_target" not in str(workflow)
    assert jobs["apply"]["concurrency"]["cancel-in-progress"] is False


def test_the_paths_are_those_of_the_feature_repository(made: Path) -> None:
    workflow = yaml.safe_load((made / ".github/workflows/featurectl.yml").read_text())
    on = workflow[True]  # how YAML 1.1 reads the key `on`

    assert on["push"]["branches"] == ["main"]
    assert on["push"]["paths"] == ["stores/shop/**", ".github/workflows/featurectl.yml"]
    assert workflow["jobs"]["apply"]["defaults"]["run"]["working-directory"] == "stores/shop"


def test_a_plan_by_hand_is_that_of_the_pipeline(git: GitRepository) -> None:
    cli = Cli(git.root / "stores" / "shop")
    git.edit(VIEW, "ttl: 24h", "ttl: 48h")

    answer = cli("plan", "--base", "main", "--exit-code")

    assert answer.code == 3
    assert "against main" in answer.out
    assert not (cli.root / ".featurectl").exists()
