"""How typer is used here: lazy commands, global options anywhere, help with examples first."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from textwrap import fill
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from featurectl import __version__
from featurectl.cli.tree import ALIASES, COMMANDS, root_help

if TYPE_CHECKING:
    from featurectl.cli.session import Session

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_BEFORE_OR_AFTER = (
    "Before or after the command: --repo, --env, --no-color, -q, -v (featurectl --help)"
)


class Command(TyperCommand):
    """One command: its own options and the global ones, examples at the top of its help."""

    examples: tuple[tuple[str, str], ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params = [*self.params, *global_options(hidden=True)]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Usage, what it does, examples, arguments, options."""
        summary, _, rest = (self.help or "").partition("\n\n")
        formatter.write(f"{ctx.command_path}: {summary.rstrip('.')}\n\n")
        self.format_usage(ctx, formatter)
        for paragraph in rest.split("\n\n") if rest else ():
            text = " ".join(paragraph.split())
            formatter.write("\n" + fill(text, formatter.width) + "\n")
        if self.examples:
            width = max(len(line) for line, _ in self.examples)
            fits = width + 40 < formatter.width
            formatter.write("\nExamples:\n")
            for line, text in self.examples:
                if text and not fits:
                    formatter.write(f"  # {text}\n")
                beside = f"  {text}" if text and fits else ""
                formatter.write(f"  {line:<{width if beside else 0}}{beside}\n")
        self.format_options(ctx, formatter)
        formatter.write(f"\n{_BEFORE_OR_AFTER}\n")


class Tree(TyperGroup):
    """The commands of the tree; the module of one is imported when it is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer's signature
        """The names that help and completion show."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name, or of one of Feast's names for it; None where there is none."""
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return None
        if name != cmd_name and not ctx.resilient_parsing:
            ctx.obj.console.warn(f"{cmd_name} is Feast's name; here it is: featurectl {name}")
        return load_command(name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command of the first argument; a name that does not exist is told with the nearest.

        Raises:
            UsageError: there is no such command.
        """
        known = args[0] in COMMANDS or args[0] in ALIASES or args[0].startswith("-")
        if not known and not ctx.resilient_parsing:
            near = get_close_matches(args[0], [*COMMANDS, *ALIASES], n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            ctx.fail(f"No such command: {args[0]}{hint}")
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer's signature
        """The whole tree, the same for every width."""
        formatter.write(root_help(__version__) + "\n")


def load_command(name: str) -> Any:
    """The command as typer runs it, built from ``run`` of its module, or by its ``load``."""
    module = import_module(f"featurectl.cli.commands.{COMMANDS[name].module}")
    if hasattr(module, "load"):
        return module.load()
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name, cls=Command, context_settings=CONTEXT)(module.run)
    command = typer.main.get_command(app)
    command.examples = module.EXAMPLES  # type: ignore[attr-defined]
    return command


def global_options(*, hidden: bool = False) -> list[TyperOption]:
    """The options that are taken before and after every command."""
    return [
        _global(["--repo"], "repo", hidden=hidden, metavar="DIR"),
        _global(["--env"], "env", hidden=hidden, metavar="NAME"),
        _global(["--no-color"], "no_color", hidden=hidden, is_flag=True),
        _global(["-q", "--quiet"], "quiet", hidden=hidden, is_flag=True),
        _global(["-v", "--verbose"], "verbose", hidden=hidden, is_flag=True),
    ]


def _global(names: list[str], field: str, **settings: Any) -> TyperOption:
    def take(ctx: Any, _param: Any, value: Any) -> None:
        session: Session = ctx.obj
        if value:
            session.configure(field, value)

    # A name of its own: a command may have an argument that is called the same.
    names = [f"global_{field}", *names]
    return TyperOption(param_decls=names, expose_value=False, callback=take, **settings)
