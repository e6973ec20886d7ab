"""What scripts rely on: the exit code of plan and apply in every situation, in every format."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest
from git_repository import GitRepository

from featurectl.client.feature_store import FeatureStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from command_line import Answer, Cli

VIEW = "features/driver.yaml"
FORMATS = ("text", "json", "markdown", "github")


def as_applied(_cli: Cli) -> None:
    """The files are what is applied."""


def added(cli: Cli) -> None:
    cli.edit(VIEW, "ttl: 24h", "ttl: 48h")


def narrowed(cli: Cli) -> None:
    cli.edit(VIEW, "ttl: 24h", "ttl: 12h")


def narrowed_on_purpose(cli: Cli) -> None:
    narrowed(cli)
    line = "acknowledge:\n  - {view: driver_stats, change: narrowing, reason: agreed}\n"
    (cli.root / "features" / "on_purpose.yaml").write_text(line)


def broke_a_service(cli: Cli) -> None:
    cli.edit(VIEW, "      - driver_stats:conv_rate\n", "")


def protected(cli: Cli) -> None:
    cli.edit(VIEW, "    ttl: 24h", "    prevent_destroy: true\n    ttl: 24h")
    cli.ok("apply", "--yes")
    text = (cli.root / VIEW).read_text()
    (cli.root / VIEW).write_text(text.partition("feature_views:")[0])


def broken(cli: Cli) -> None:
    cli.edit(VIEW, "ttl: 24h", "tll: 24h")


def without_its_source(cli: Cli) -> None:
    added(cli)
    (cli.root / "data" / "driver_stats.parquet").unlink()


def saved_and_stale(cli: Cli) -> None:
    added(cli)
    cli.ok("plan", "--out", str(cli.root / "plan.json"))
    cli.edit(VIEW, "ttl: 48h", "ttl: 72h")


def saved(cli: Cli) -> None:
    broke_a_service(cli)
    cli.ok("plan", "--out", str(cli.root / "plan.json"))


def in_git(cli: Cli) -> None:
    GitRepository.create(cli.root).commit("one")
    narrowed(cli)


class Case(NamedTuple):
    code: int
    situation: Callable[[Cli], None]
    command: str
    says: str = ""


CASES = [
    Case(0, as_applied, "plan"),
    Case(0, as_applied, "plan --exit-code"),
    Case(0, as_applied, "apply"),
    Case(0, as_applied, "apply --yes"),
    Case(0, added, "plan"),
    Case(0, broke_a_service, "plan"),
    Case(0, added, "apply --yes"),
    Case(0, narrowed, "apply --yes --allow narrowing"),
    Case(0, narrowed_on_purpose, "apply --yes"),
    Case(0, saved, "apply plan.json"),
    Case(0, in_git, "plan --base HEAD"),
    Case(1, broken, "plan", "FC103"),
    Case(1, broken, "plan --exit-code", "FC103"),
    Case(1, broken, "apply --yes", "FC103"),
    Case(1, without_its_source, "plan --exit-code", "FC201"),
    Case(1, without_its_source, "apply --yes", "FC201"),
    Case(1, as_applied, "apply none.json", "FC319"),
    Case(1, as_applied, "plan --base HEAD", "FC325"),
    Case(1, in_git, "plan --base none --exit-code", "FC326"),
    Case(1, in_git, "plan --base=", "FC326"),
    Case(1, as_applied, "plan --env none", "FC120"),
    Case(2, as_applied, "plan --nope", "--nope"),
    Case(2, as_applied, "plan --format xml", "xml"),
    Case(2, as_applied, "plan --out -", "--out"),
    Case(2, in_git, "plan --base HEAD --out plan.json", "--base"),
    Case(2, as_applied, "apply --allow everything", "--allow"),
    Case(3, added, "plan --exit-code"),
    Case(3, broke_a_service, "plan --exit-code"),
    Case(3, narrowed_on_purpose, "plan --exit-code"),
    Case(3, without_its_source, "plan --exit-code --no-sources"),
    Case(3, in_git, "plan --base HEAD --exit-code"),
    Case(4, added, "apply", "FC401"),
    Case(4, narrowed, "apply --yes", "FC401"),
    Case(4, broke_a_service, "apply --yes", "FC403"),
    Case(4, broke_a_service, "apply --yes --allow narrowing", "FC403"),
    Case(4, protected, "apply --yes --allow destroy --allow breaking", "FC402"),
    Case(5, saved_and_stale, "apply plan.json", "FC501"),
]


def typed(cli: Cli, command: str) -> Answer:
    words = [str(cli.root / w) if w.endswith(".json") else w for w in command.split()]
    return cli(*words)


@pytest.mark.parametrize(
    "case", CASES, ids=lambda c: f"{c.code} {c.situation.__name__} {c.command}"
)
def test_every_situation_has_its_exit_code(cli: Cli, case: Case) -> None:
    case.situation(cli)

    answer = typed(cli, case.command)

    assert answer.code == case.code, answer.err
    assert case.says in answer.err


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize(
    ("situation", "code"), [(as_applied, 0), (added, 3), (broken, 1)], ids=lambda v: str(v)[:20]
)
def test_a_format_changes_no_exit_code(
    cli: Cli, situation: Callable[[Cli], None], code: int, form: str
) -> None:
    situation(cli)
    assert cli("plan", "--exit-code", "--format", form).code == code


def test_who_is_at_work_is_a_conflict(cli: Cli) -> None:
    added(cli)
    with FeatureStore(cli.root) as store:
        registry, actor = store.environment.registry, store.environment.actor
        lease = registry.acquire("apply:dev", 1, actor)
        assert cli("apply", "--yes").code == 5
        assert cli("plan", "--exit-code").code == 3  # to plan waits for nobody
        registry.release(lease)


def test_a_broken_repository_is_told_where_a_pipeline_reads_it(cli: Cli) -> None:
    broken(cli)

    comment = cli("plan", "--format", "markdown")
    assert comment.out.startswith("<!-- featurectl:plan:dev -->\n")
    assert 'unknown key "tll"' in comment.out
    assert "error[FC103]" in comment.err  # and in the log
    annotated = cli("plan", "--format", "github")
    assert annotated.out.startswith("::error title=FC103,file=")
    assert annotated.err == ""
    document = cli("plan", "--format", "json")
    assert (document.out, "error[FC103]" in document.err) == ("", True)


def test_a_comment_is_made_of_a_configuration_that_can_not_be_read(cli: Cli) -> None:
    (cli.root / "featurectl.yaml").write_text("projct: shop\n")

    answer = cli("plan", "--env", "prod", "--format", "markdown")

    assert answer.code == 1
    assert answer.out.startswith("<!-- featurectl:plan:prod -->\n")


def test_a_comparison_as_json_names_what_it_compares_with(cli: Cli) -> None:
    git = GitRepository.create(cli.root)
    sha = git.commit("one")
    narrowed(cli)

    document = cli.ok("plan", "--base", "HEAD", "--format", "json").document

    assert document["base"] == {"ref": "HEAD", "sha": sha}
    assert (document["format"], document["serial"]) == ("featurectl.plan/1", 0)
    assert [change["class"] for change in document["changes"]] == ["narrowing"]
