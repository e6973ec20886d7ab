"""A command that has commands of its own: ``featurectl dataset show``."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperGroup

from featurectl.cli.command import CONTEXT, Command, global_options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Examples = tuple[tuple[str, str], ...]


class CommandGroup(TyperGroup):
    """A group with the global options, whose help has its examples first."""

    examples: Examples = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params = [*self.params, *global_options(hidden=True)]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """What it does, examples, its commands, options."""
        summary, _, rest = (self.help or "").partition("\n\n")
        formatter.write(f"{ctx.command_path}: {summary.rstrip('.')}\n\n")
        self.format_usage(ctx, formatter)
        if rest:
            formatter.write("\n" + fill(" ".join(rest.split()), formatter.width) + "\n")
        width = max(len(line) for line, _ in self.examples)
        formatter.write("\nExamples:\n")
        for line, text in self.examples:
            formatter.write(f"  {line:<{width}}  {text}".rstrip() + "\n")
        formatter.write("\nCommands:\n")
        for name, command in self.commands.items():
            formatter.write(f"  {name:<8}{(command.help or '').splitlines()[0].rstrip('.')}\n")
        formatter.write("\nOptions:\n  -h, --help  Show this message and exit.\n")
        formatter.write(
            "\nBefore or after the command: --repo, --env, --no-color, -q, -v (featurectl --help)\n"
        )


def command_group(
    name: str, summary: str, examples: Examples,
    commands: Sequence[tuple[str, Callable[..., None], Examples]],
) -> Any:  # fmt: skip
    """The group as typer runs it."""
    app = typer.Typer(
        name=name,
        help=summary,
        cls=CommandGroup,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        invoke_without_command=True,
        context_settings=CONTEXT,
    )
    for command, function, _ in commands:
        app.command(command, cls=Command, context_settings=CONTEXT)(function)
    app.callback()(_help)
    group: Any = typer.main.get_group(app)
    group.examples = examples
    group.help = summary
    for command, _, told in commands:
        group.commands[command].examples = told
    return group


def _help(ctx: typer.Context) -> None:
    """Without a command of it, its help."""
    if ctx.invoked_subcommand is None:
        ctx.obj.console.result([ctx.get_help()])
