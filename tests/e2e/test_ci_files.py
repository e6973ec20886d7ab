"""Where `init --ci` writes, for which environment and branch, and what it never overwrites."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from command_line import Cli
from git_repository import GitRepository

from featurectl.errors import DefinitionError
from featurectl.flows.ci_file import free_place, write_ci_file
from featurectl.repo.git import default_branch

GITHUB = ".github/workflows/featurectl.yml"


@pytest.fixture
def git(tmp_path: Path) -> GitRepository:
    found = GitRepository.create(tmp_path / "mono")
    found.write("my shop/featurectl.yaml", "project: shop\n")
    return found


def env_of(git: GitRepository, config: str, env: str | None = None) -> str:
    git.write("shop/featurectl.yaml", f"project: shop\n{config}")
    written = write_ci_file(git.root / "shop", "github", version="1.2.3", env=env)
    workflow = yaml.safe_load((git.root / GITHUB).read_text())
    assert workflow["env"]["FEATURECTL_ENV"] == written.env
    assert workflow["env"]["FEATURECTL"] == "featurectl[postgres]==1.2.3"
    assert f"featurectl:plan:{written.env} -->" in (git.root / GITHUB).read_text()
    return written.env


@pytest.mark.parametrize(
    ("config", "given", "env"),
    [
        ("", None, "dev"),
        ("envs: {live: {}}", None, "live"),
        ("envs: {a: {}, b: {}}", None, "dev"),
        ("envs: {a: {}, prod: {online: '${NO_SUCH}'}}", None, "prod"),
        ("envs: {a: {}, prod: {}}", "a", "a"),
        ("envs: {no: {}}", "no", "no"),
    ],
)
def test_the_environment_is_the_given_or_the_likely_one(
    git: GitRepository, config: str, given: str | None, env: str
) -> None:
    assert env_of(git, config.replace("{}", "{data_root: .}"), given) == env


def test_an_environment_that_does_not_exist_is_refused(git: GitRepository) -> None:
    with pytest.raises(DefinitionError, match='there is no env "prod"'):
        env_of(git, "", "prod")
    assert not (git.root / GITHUB).exists()


@pytest.mark.parametrize("system", ["github", "gitlab"])
def test_a_folder_with_a_space_is_one_word(git: GitRepository, system: str) -> None:
    written = write_ci_file(git.root / "my shop", system, version="1.2.3")  # type: ignore[arg-type]

    text = (git.root / written.path).read_text()
    pipeline = yaml.safe_load(text)
    if system == "github":
        assert pipeline["jobs"]["plan"]["defaults"]["run"]["working-directory"] == "my shop"
    else:
        assert pipeline[".featurectl"]["before_script"][0] == "cd \"$CI_PROJECT_DIR\"/'my shop'\n"
    assert not re.search("@[A-Z]+@", text)


def test_a_folder_whose_name_is_a_pattern_is_watched_by_everything(git: GitRepository) -> None:
    git.write("a*[b]/featurectl.yaml", "project: shop\n")
    write_ci_file(git.root / "a*[b]", "github", version="1.2.3")

    workflow = yaml.safe_load((git.root / GITHUB).read_text())
    assert workflow[True]["push"]["paths"] == ["**"]


def test_a_workflow_is_never_overwritten(git: GitRepository) -> None:
    git.write(GITHUB, "mine")
    with pytest.raises(DefinitionError, match="is there already: nothing was written") as raised:
        write_ci_file(git.root / "my shop", "github", version="1.2.3")
    assert raised.value.code == "FC109"
    assert (git.root / GITHUB).read_text() == "mine"


def test_a_link_to_nowhere_is_not_written_through(git: GitRepository) -> None:
    (git.root / ".gitlab-ci.yml").symlink_to("nowhere")
    assert free_place(git.root / "my shop", "gitlab")[1] == ".gitlab/featurectl.yml"


def test_beside_another_pipeline_of_gitlab_ours_is_to_be_included(git: GitRepository) -> None:
    git.write(".gitlab-ci.yml", "build: {script: [make]}\n")

    answer = Cli(git.root / "my shop").ok("init", "--ci", "gitlab")

    assert 'add to .gitlab-ci.yml: include: [{local: ".gitlab/featurectl.yml"}]' in answer.out
    assert yaml.safe_load((git.root / ".gitlab/featurectl.yml").read_text())["featurectl plan"]


def test_our_own_pipeline_of_gitlab_is_not_written_twice(git: GitRepository) -> None:
    write_ci_file(git.root / "my shop", "gitlab", version="1.2.3")
    with pytest.raises(DefinitionError, match=r"\.gitlab-ci\.yml is there already"):
        write_ci_file(git.root / "my shop", "gitlab", version="1.2.3")


def test_a_repository_and_its_workflow_are_made_in_one_go(
    git: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(git.root)

    answer = Cli(git.root).ok("init", "fraud", "--template", "minimal", "--ci", "github")

    assert "Created fraud/" in answer.out
    assert f"Created {git.root / GITHUB}" in answer.out
    assert (git.root / "fraud/featurectl.yaml").exists()


def test_where_the_workflow_can_not_be_written_no_repository_is_made(git: GitRepository) -> None:
    git.write(GITHUB, "mine")
    answer = Cli(git.root)("init", str(git.root / "new"), "--ci", "github")

    assert answer.code == 1
    assert not (git.root / "new").exists()


def test_outside_of_git_the_folder_itself_gets_it(tmp_path: Path) -> None:
    Cli(tmp_path).ok("init", str(tmp_path / "new"), "--template", "minimal", "--ci", "github")
    assert (tmp_path / "new" / GITHUB).exists()


def test_the_folder_that_commands_find_is_the_one_that_is_meant(
    git: GitRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    (git.root / "my shop" / "features").mkdir()
    monkeypatch.chdir(git.root / "my shop" / "features")

    Cli(Path()).ok("init", "--ci", "github")

    assert 'working-directory: "my shop"' in (git.root / GITHUB).read_text()


def test_the_branch_is_what_origin_says_else_a_usual_one_else_the_current(
    git: GitRepository, tmp_path: Path
) -> None:
    assert default_branch(git.root) == "main"  # no commit yet
    git.commit("one")
    git.git("checkout", "-q", "-b", "feature")
    assert default_branch(git.root) == "main"
    git.git("branch", "-M", "main", "trunk")
    assert default_branch(git.root) == "feature"
    git.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert default_branch(git.root) == "trunk"
    assert default_branch(tmp_path) == "main"


def test_a_branch_that_a_pattern_would_misread_is_passed_over(git: GitRepository) -> None:
    git.commit("one")
    git.git("branch", "-M", "main", "a+b")
    assert default_branch(git.root) == "main"
