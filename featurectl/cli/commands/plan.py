"""``featurectl plan``."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from featurectl.cli.exit_codes import ExitCode, exit_code_of
from featurectl.cli.options import Only, split

if TYPE_CHECKING:
    from featurectl.client.feature_store import FeatureStore
    from featurectl.definitions.repository import Repository
    from featurectl.errors import FeaturectlError
    from featurectl.flows.compare import Comparison
    from featurectl.plan.plan import Plan

EXAMPLES = (
    ("featurectl plan", "what would change"),
    ("featurectl --env prod plan --out plan.json", "save it, to apply exactly this"),
    ("featurectl plan --exit-code", "exit 3 when there are changes"),
    ("featurectl plan --format markdown", "a comment for a pull request"),
    ("featurectl plan --format github", "annotations on its lines"),
    ("featurectl plan --base origin/main", "what a branch changes, without any registry"),
    ("featurectl plan --only driver_stats", "of some views or services only"),
    ("featurectl plan --no-sources", "without reading the sources' schemas"),
)


def run(
    ctx: typer.Context,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="save the plan, to be applied")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            "--base",
            metavar="GIT_REF",
            help="compare with the files at a revision, not with what is applied",
        ),
    ] = None,
    only: Only = None,
    *,
    output: Annotated[
        Literal["text", "json", "markdown", "github"],
        typer.Option("--format", help="how to print"),
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
    sources. With --base they are compared with the files at a revision of git, and no registry,
    store or source is touched.
    """
    if str(out) == "-":
        raise typer.BadParameter("give a file; on stdout: --format json", param_hint="--out")
    if base is not None and (out or only):
        raise typer.BadParameter(
            "compares all files with git; only a plan made against a registry can be applied",
            param_hint="--base",
        )
    with _failures(ctx.obj, output):
        if base is not None:  # an empty one is a variable that is not set, and not left out
            plan = _compare(ctx.obj, base, output, full=full)
        else:
            plan = _plan(ctx.obj, out, output, split(only), full=full, sources=not no_sources)
    if exit_code and plan.has_changes:
        raise typer.Exit(ExitCode.PENDING)


def plan_lines(store: "FeatureStore", plan: "Plan", *, full: bool) -> list[str]:
    """Header and changes of a plan, or the one line when there are none."""
    from featurectl.cli.screens.plan import no_changes, note_lines, plan_header  # noqa: PLC0415 - not for --help
    from featurectl.definitions.url import mask_url  # noqa: PLC0415 - same

    if not plan.has_changes:
        return [*note_lines(plan), no_changes(plan, len(store.repository.views))]
    config = store.config
    header = plan_header(plan, registry=mask_url(config.registry), online=mask_url(config.online))
    return [header, "", *_changes(store.repository, plan, full=full)]


def _plan(
    session: Any, out: Path | None, output: str, only: list[str], *, full: bool, sources: bool
) -> "Plan":
    """Plan against the registry; print it, and save it where it is to be applied."""
    with session.store() as store:
        plan: Plan = store.plan(sources=sources, only=only)
        root = store.config.root
        lines = _text(session, store, plan, out, full=full) if output == "text" else []
    if out:
        from featurectl.system.whole_file import whole_file  # noqa: PLC0415 - only when it is saved

        with whole_file(out) as file:
            file.write(plan.to_json().encode())
    if output == "json":
        session.console.document(plan.document())
    elif output == "markdown":
        from featurectl.cli.screens.plan_markdown import plan_markdown  # noqa: PLC0415 - as above

        lines = [plan_markdown(plan)]
    elif output == "github":
        lines = _annotations(plan, root)
    session.console.result(lines)
    return plan


def _compare(session: Any, ref: str, output: str, *, full: bool) -> "Plan":
    """Compare with a revision, and print what differs."""
    from featurectl.cli.screens.plan_markdown import plan_markdown  # noqa: PLC0415 - as above
    from featurectl.flows.compare import compare  # noqa: PLC0415 - loads pydantic

    found = compare(Path(session.repo), ref, env=session.env or None)
    if output == "json":
        base = {"ref": found.base.ref, "sha": found.base.sha}
        session.console.document({**found.plan.document(), "base": base})
    elif output == "markdown":
        session.console.result([plan_markdown(found.plan, base=found.base)])
    elif output == "github":
        session.console.result(_annotations(found.plan, found.root))
    else:
        session.console.result(_compared_text(found, full=full))
    return found.plan


@contextmanager
def _failures(session: Any, output: str) -> Iterator[None]:
    """Tell of errors where a pipeline reads them, too: in the comment, or as annotations."""
    from featurectl.errors import FeaturectlError  # noqa: PLC0415 - not for --help

    try:
        yield
    except FeaturectlError as error:
        if output == "markdown":
            _comment(session, error)
        elif output == "github":
            _annotate(session, error)
            raise typer.Exit(exit_code_of(error)) from None
        raise


def _comment(session: Any, error: "FeaturectlError") -> None:
    import os  # noqa: PLC0415 - rarely needed

    from featurectl.cli.screens.check import errors_of  # noqa: PLC0415 - not for --help
    from featurectl.cli.screens.plan_markdown import failure_markdown  # noqa: PLC0415 - same

    env = session.env or os.environ.get("FEATURECTL_ENV") or "dev"
    session.console.result([failure_markdown(env, errors_of(error))])


def _annotate(session: Any, error: "FeaturectlError") -> None:
    from featurectl.cli.screens.check import errors_of  # noqa: PLC0415 - not for --help
    from featurectl.cli.screens.github import error_annotations, workflow_commands  # noqa: PLC0415 - same

    found = error_annotations(errors_of(error), _root(session.repo))
    session.console.result(workflow_commands(found))


def _root(repo: str) -> Path:
    """The repository's folder, or the one that was named where there is none."""
    from featurectl.errors import FeaturectlError  # noqa: PLC0415 - as above
    from featurectl.repo.config import find_root  # noqa: PLC0415 - same

    try:
        return find_root(Path(repo))
    except FeaturectlError:
        return Path(repo).resolve()


def _annotations(plan: "Plan", root: Path) -> list[str]:
    from featurectl.cli.screens.github import plan_annotations, workflow_commands  # noqa: PLC0415 - as above

    return workflow_commands(plan_annotations(plan, root))


def _changes(repository: "Repository", plan: "Plan", *, full: bool) -> list[str]:
    from featurectl.cli.screens.plan import plan_screen, unchanged_features  # noqa: PLC0415 - as above

    types = {
        name: {feature: spec.type for feature, spec in view.features.items()}
        for name, view in repository.views.items()
    }
    return plan_screen(plan, unchanged_features(plan, types), full=full)


def _text(
    session: Any, store: "FeatureStore", plan: "Plan", out: Path | None, *, full: bool
) -> list[str]:
    lines = [session.addressed(line) for line in plan_lines(store, plan, full=full)]
    if out:
        typed = session.typed(f"apply {out}")
        return [*lines, f"Saved to {out} (serial {plan.serial}). Apply exactly this with: {typed}"]
    again = " ".join(["apply", *(f"--only {quote(selector)}" for selector in plan.only)])
    return [*lines, f"Apply with: {session.typed(again)}"] if plan.has_changes else lines


def _compared_text(found: "Comparison", *, full: bool) -> list[str]:
    from featurectl.cli.screens.compared import compared_header, nothing_differs  # noqa: PLC0415 - as above
    from featurectl.cli.screens.plan import note_lines  # noqa: PLC0415 - as above

    if not found.plan.has_changes:
        return [*note_lines(found.plan), nothing_differs(found)]
    return [compared_header(found), "", *_changes(found.repository, found.plan, full=full)]
