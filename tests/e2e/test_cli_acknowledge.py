"""A change that a reviewed line acknowledges, from the refusal to the line that can go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terminal import Terminal

from featurectl.cli.paint import strip

if TYPE_CHECKING:
    from command_line import Answer, Cli

VIEW = "features/driver.yaml"
FEATURE = "      trips_today: {type: int64, description: trips since midnight UTC}\n"


def acknowledge(cli: Cli, *lines: str) -> None:
    """Write lines into a file of their own."""
    text = "".join(f"  - {line}\n" for line in lines)
    (cli.root / "features" / "reviewed.yaml").write_text(f"acknowledge:\n{text}")


def drop_service(cli: Cli) -> None:
    """Remove the only service, which the file has at its end."""
    text = (cli.root / VIEW).read_text()
    (cli.root / VIEW).write_text(text.split("feature_services:")[0])


def line_to_paste(refused: Answer) -> str:
    """The line that an error says is to be written."""
    (text,) = [line for line in refused.err.split("\n") if "acknowledge: [" in line]
    return text.partition("acknowledge: [")[2].rstrip("]").replace("WHY", "nobody reads it")


def test_the_line_that_a_refusal_prints_is_the_approval_and_can_go_then(cli: Cli) -> None:
    cli.edit(VIEW, FEATURE, "")
    cli.edit(VIEW, "      - driver_stats:trips_today\n", "")
    refused = cli("apply", "--yes")
    assert (refused.code, "FC403" in refused.err) == (4, True)

    acknowledge(cli, line_to_paste(refused))
    cli.ok("check")
    plan = cli.ok("plan", "--format", "json").document
    cli.ok("apply", "--yes")

    said = "nobody reads it (features/reviewed.yaml:2)"
    covered = {change["name"]: change["acknowledged"] for change in plan["changes"]}
    assert covered == {"driver_stats": said, "ranking_v1": f"with view driver_stats: {said}"}
    assert "by run #3, and is ignored since: it can go" in cli.ok("check").err
    assert "features/reviewed.yaml:2: acknowledge of breaking" in cli.ok("plan").out


def test_an_acknowledged_removal_is_part_of_the_question_but_need_not_be_typed(cli: Cli) -> None:
    drop_service(cli)
    acknowledge(cli, "{service: ranking_v1, change: destroy, reason: the model is gone}")

    with Terminal(cli.root, "apply") as terminal:
        terminal.wait_for("[y/N]")
        terminal.type("y")
        assert terminal.finish() == 0
        shown = strip(terminal.shown)

    assert "Apply, with 1 acknowledged? [y/N]" in shown
    assert "acknowledged     the model is gone (features/reviewed.yaml:2)" in shown
    assert "Type its name" not in shown
    assert "1 destroyed" in shown


def test_a_line_that_names_another_object_is_no_approval(cli: Cli) -> None:
    drop_service(cli)
    acknowledge(cli, "{service: ranking_v2, change: destroy, reason: the model is gone}")

    assert cli("apply", "--yes").code == 4
    assert "did you mean destroy of service ranking_v1?" in cli.ok("check").err


TTL = "{view: driver_stats, change: narrowing, reason: half a day is enough}"


def test_a_line_counts_once_and_another_change_needs_another_reason(cli: Cli) -> None:
    acknowledge(cli, TTL)
    cli.edit(VIEW, "ttl: 24h", "ttl: 12h")
    cli.ok("apply", "--yes")
    cli.edit(VIEW, "ttl: 12h", "ttl: 6h")

    refused = cli("apply", "--yes")
    acknowledge(cli, TTL.replace("half a day", "a quarter"))
    cli.ok("apply", "--yes")

    assert (refused.code, "FC401" in refused.err) == (4, True)
    assert "was applied in env dev by run #3, and is ignored since" in refused.out
    assert "another change needs a line with a reason of its own" in refused.out


def test_what_was_rolled_back_is_not_applied_again_by_the_line_that_is_left(cli: Cli) -> None:
    acknowledge(cli, TTL)
    cli.edit(VIEW, "ttl: 24h", "ttl: 12h")
    cli.ok("apply", "--yes")
    cli.ok("rollback", "--yes")

    refused = cli("apply", "--yes")

    assert (refused.code, "FC401" in refused.err) == (4, True)
    assert cli.ok("apply", "--yes", "--allow", "narrowing").code == 0


def test_check_says_nothing_where_the_registry_is_broken_or_missing(cli: Cli) -> None:
    registry = cli.root / ".featurectl" / "registry.db"
    acknowledge(cli, "{service: ranking_v2, change: destroy, reason: the model is gone}")
    assert cli.ok("check", "--format", "json").document["notes"] != []
    assert "::notice title=acknowledge,file=" in cli.ok("check", "--format", "github").out
    assert "reviewed.yaml,line=2::" in cli.ok("check", "--format", "github").out

    registry.write_bytes(b"no registry at all")
    assert cli.ok("check", "--format", "json").document["notes"] == []
    registry.unlink()
    assert cli.ok("check", "--format", "json").document["notes"] == []
    assert not registry.exists()


def test_check_asks_no_server(cli: Cli, monkeypatch) -> None:
    monkeypatch.setenv("FEATURECTL_REGISTRY", "postgresql://nobody@127.0.0.1:1/none")
    acknowledge(cli, "{service: ranking_v2, change: destroy, reason: the model is gone}")

    assert cli("check", "--format", "json").document["notes"] == []


def test_a_refused_rollback_says_how_to_go_to_the_same_run(cli: Cli) -> None:
    first = cli.ok("history", "--format", "json").document["runs"][-1]["run"]
    (cli.root / "features" / "more.yaml").write_text(
        "entities: [{name: rider, join_keys: {rider_id: int64}}]\n"
    )
    cli.ok("apply", "--yes")

    refused = cli("rollback", str(first), "--yes")
    asked = cli("rollback", str(first), "--allow", "destroy")

    assert f"rollback --repo {cli.root} {first} --yes --allow destroy --env dev" in refused.err
    assert f"rollback {first} --yes --allow destroy --repo {cli.root}" in asked.err
