"""``featurectl plan``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from featurectl.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from featurectl.client.feature_store import FeatureStore
    from featurectl.plan.plan import Plan

EXAMPLES = (
    ("featurectl plan", "what would change"),
    ("featurectl --env prod plan --out plan.json", "save it, to apply exactly this"),
    ("featurectl plan --exit-code", "exit 3 when there are changes"),
    ("featurectl plan --format markdown", "a comment for a pull request"),
    ("featurectl plan --no-sources", "without reading the sources' schemas"),
)


def run(
    ctx: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="save the plan, to be applied")
    ] = None,
    *,
    output: Annotated[
        Literal["text", "json", "markdown"], typer.Option("--format", help="how to print")
    ] = "text",
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="exit 3 when there are changes")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="show what does not change, too")] = False,
    no_sources: Annotated[
        bool, typer.Option("--no-sources", help="do not compare with the sources' columns")
    ] = False,
) -> None:
    """What apply would change; changes nothing itself.

    Definitions are compared with what is applied in the environment, and with the columns of their
    sources.
    """
    if str(out) == "-":
        raise typer.BadParameter("give a file; on stdout: --format json", param_hint="--out")
    console = ctx.obj.console
    with ctx.obj.store() as store:
        plan = store.plan(sources=not no_sources)
        lines = _lines(ctx.obj, store, plan, out, output, full=full)
    if out:
        from featurectl.system.whole_file import whole_file  # noqa: PLC0415 - only when it is saved

        with whole_file(out) as file:
            file.write(plan.to_json().encode())
    if output == "json":
        console.document(plan.document())
    else:
        console.result(lines)
    if exit_code and plan.has_changes:
        raise typer.Exit(ExitCode.PENDING)


def plan_lines(store: "FeatureStore", plan: "Plan", *, full: bool) -> list[str]:
    """Header and changes of a plan, or the one line when there are none."""
    from featurectl.cli.screens.plan import no_changes, plan_header, plan_screen, unchanged_features  # noqa: PLC0415 - not for --help
    from featurectl.definitions.url import mask_url  # noqa: PLC0415 - same

    if not plan.has_changes:
        return [no_changes(plan, len(store.repository.views))]
    types = {
        name: {feature: spec.type for feature, spec in view.features.items()}
        for name, view in store.repository.views.items()
    }
    config = store.config
    header = plan_header(plan, registry=mask_url(config.registry), online=mask_url(config.online))
    return [header, "", *plan_screen(plan, unchanged_features(plan, types), full=full)]


def _lines(
    session: Any,
    store: "FeatureStore",
    plan: "Plan",
    out: Path | None,
    output: str,
    *,
    full: bool,
) -> list[str]:
    if output == "markdown":
        from featurectl.cli.screens.plan_markdown import plan_markdown  # noqa: PLC0415 - as above

        return [plan_markdown(plan)]
    lines = plan_lines(store, plan, full=full)
    if out:
        typed = session.typed(f"apply {out}")
        return [*lines, f"Saved to {out} (serial {plan.serial}). Apply exactly this with: {typed}"]
    return [*lines, f"Apply with: {session.typed('apply')}"] if plan.has_changes else lines
