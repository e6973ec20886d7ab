"""``featurectl doctor``."""

import typer

from featurectl.cli.exit_codes import ExitCode

EXAMPLES = (
    ("featurectl doctor", "what is configured, from where, and does it work"),
    ("featurectl --env prod doctor", "of another environment"),
)


def run(ctx: typer.Context) -> None:
    """Configuration and connections, checked: where each value comes from, and what is wrong.

    Changes nothing. Exit 1 when something fails; a warning is no failure.
    """
    from featurectl.cli.diagnosis import diagnose  # noqa: PLC0415 - not for --help
    from featurectl.cli.screens.doctor import finding_lines, verdict  # noqa: PLC0415 - same

    console = ctx.obj.console
    console.result([_versions()])
    findings = []
    for finding in diagnose(ctx.obj):
        findings.append(finding)
        console.result(map(ctx.obj.addressed, finding_lines(finding)))
    console.result([verdict(findings)])
    if any(finding.level == "fail" for finding in findings):
        raise typer.Exit(ExitCode.FAILED)


def _versions() -> str:
    import platform  # noqa: PLC0415 - not for --help
    from importlib.metadata import version  # noqa: PLC0415 - same

    from featurectl import __version__  # noqa: PLC0415 - same

    return " · ".join(
        (
            f"featurectl {__version__}",
            f"python {platform.python_version()}",
            f"duckdb {version('duckdb')}",
            f"{platform.system().lower()} {platform.machine()}",
        )
    )
