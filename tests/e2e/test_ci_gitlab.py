"""The pipeline that `init --ci gitlab` writes, run script by script on a scratch git repository."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml
from git_repository import GitRepository
from pipelines import Host, gitlab_job

from featurectl.cli.run import run

if TYPE_CHECKING:
    from pathlib import Path

VIEW = "features/driver.yaml"
MARKER = "<!-- featurectl:plan:dev -->"
TOKEN = {"GITLAB_TOKEN": "t0k3n"}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A git repository that is a feature repository itself, with a pipeline."""
    git = GitRepository.create(tmp_path_factory.mktemp("made") / "shop")
    assert run(["init", str(git.root), "--template", "minimal", "--ci", "gitlab"]) == 0
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
    """Where it is hosted."""
    (tmp_path / "runner").mkdir()
    return Host(git.root, tmp_path / "runner")


@pytest.fixture
def stores(tmp_path: Path) -> dict[str, str]:
    """The protected variables: files that stay where a runner's disk would not."""
    return {
        "REGISTRY_URL": str(tmp_path / "registry.db"),
        "ONLINE_URL": str(tmp_path / "online.db"),
    }


def request(git: GitRepository, message: str) -> dict[str, str]:
    """Commit what was edited on a branch; what its pipeline is told."""
    git.git("checkout", "-q", "-B", "request")
    git.commit(message)
    return {"CI_MERGE_REQUEST_DIFF_BASE_SHA": git.git("merge-base", "main", "request").strip()}


def test_from_a_request_to_what_is_served(
    git: GitRepository, host: Host, stores: dict[str, str]
) -> None:
    first = gitlab_job(host, "featurectl apply", branch="main", variables=stores)
    assert first.code == 0, first.out

    git.edit(VIEW, "ttl: 24h", "ttl: 12h")
    told = request(git, "a shorter ttl")
    readers = {f"PLAN_{name}": value for name, value in stores.items()}
    planned = gitlab_job(host, "featurectl plan", branch="request", variables=told | readers)
    assert planned.code == 0, planned.out
    assert "**1 narrowing**" in planned.out
    noted = gitlab_job(host, "featurectl note", branch="request", variables=TOKEN)
    assert noted.code == 0, noted.out
    [note] = host.comments()
    assert note["body"].startswith(MARKER)
    assert "(serial 1)" in note["body"]

    git.git("checkout", "-q", "main")
    git.git("merge", "-q", "request")
    refused = gitlab_job(host, "featurectl apply", branch="main", variables=stores)
    assert refused.code == 4, refused.out

    line = "acknowledge:\n  - {view: driver_stats, change: narrowing, reason: agreed}\n"
    git.write("features/acknowledge.yaml", line)
    git.commit("on purpose")
    applied = gitlab_job(host, "featurectl apply", branch="main", variables=stores)
    assert applied.code == 0, applied.out
    loaded = gitlab_job(host, "featurectl materialize", branch="main", variables=stores)
    assert loaded.code == 0, loaded.out
    assert "ok=1" in loaded.out


def test_without_a_registry_a_request_is_compared_by_git_alone(
    git: GitRepository, host: Host
) -> None:
    git.edit(VIEW, "ttl: 24h", "ttl: 12h")
    told = request(git, "a shorter ttl")

    planned = gitlab_job(host, "featurectl plan", branch="request", variables=told)

    assert planned.code == 0, planned.out
    assert f"against {told['CI_MERGE_REQUEST_DIFF_BASE_SHA']}" in planned.out


def test_a_broken_request_fails_and_its_note_has_the_errors(git: GitRepository, host: Host) -> None:
    git.edit(VIEW, "ttl: 24h", "tll: 24h")
    told = request(git, "a slip")

    planned = gitlab_job(host, "featurectl plan", branch="request", variables=told)

    assert planned.code == 1, planned.out
    assert gitlab_job(host, "featurectl note", branch="request", variables=TOKEN).code == 0
    assert 'unknown key "tll"' in host.comments()[0]["body"]


def test_a_note_replaces_only_our_own_whatever_others_wrote_before(
    made: Path, tmp_path: Path
) -> None:
    host = Host(made, tmp_path)
    others = [{"id": n, "author": {"id": 9}, "body": f"{MARKER} not ours {n}"} for n in range(150)]
    ours = {"id": 1000, "author": {"id": 5}, "body": f"{MARKER}\nold"}
    (tmp_path / "comments.json").write_text(json.dumps([*others, ours, others[0]]))
    (tmp_path / "featurectl-plan.md").write_text(f"{MARKER}\nnew & odd = %\n")

    ran = gitlab_job(host, "featurectl note", branch="main", variables=TOKEN)

    assert ran.code == 0, ran.out
    assert [note for note in host.comments() if "new" in note["body"]] == [
        {**ours, "body": f"{MARKER}\nnew & odd = %\n"}
    ]
    assert "t0k3n" not in ran.out


def test_without_a_token_the_note_is_left_out_and_it_says_so(made: Path, tmp_path: Path) -> None:
    (tmp_path / "featurectl-plan.md").write_text(MARKER)

    ran = gitlab_job(Host(made, tmp_path), "featurectl note", branch="main", variables={})

    assert (ran.code, host_is_silent(tmp_path)) == (0, True)
    assert "GITLAB_TOKEN" in ran.out


def host_is_silent(scratch: Path) -> bool:
    return not (scratch / "comments.json").exists()


def test_a_job_that_comes_late_undoes_nothing(
    git: GitRepository, host: Host, stores: dict[str, str]
) -> None:
    old = git.git("rev-parse", "main").strip()
    git.edit(VIEW, "ttl: 24h", "ttl: 12h")
    git.commit("shorter")

    late = gitlab_job(host, "featurectl apply", branch="main", variables=stores, commit=old)

    assert late.code == 0, late.out
    assert "The branch has newer definitions" in late.out
    assert "Applied" not in late.out


def test_without_a_registry_nothing_is_applied(made: Path, tmp_path: Path) -> None:
    ran = gitlab_job(Host(made, tmp_path), "featurectl apply", branch="main", variables={})

    assert ran.code != 0
    assert "set the variable REGISTRY_URL" in ran.out


def test_a_merge_waits_for_the_one_before(made: Path) -> None:
    pipeline = yaml.safe_load((made / ".gitlab-ci.yml").read_text())

    assert pipeline["featurectl apply"]["resource_group"] == "featurectl-dev"
    assert pipeline["featurectl apply"]["rules"][0]["changes"] == ["**/*"]
    assert "stages" not in pipeline  # another file may include it
