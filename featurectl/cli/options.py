"""Options that several commands have, and how their values are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from featurectl.cli.completion import complete_selector, complete_service

if TYPE_CHECKING:
    from collections.abc import Iterable

Selectors = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[SEL]...",
        help="which views: NAME, service:NAME, tag:KEY=VALUE, globs; all by default",
        show_default=False,
        autocompletion=complete_selector,
    ),
]
Service = Annotated[
    str | None,
    typer.Option("--service", metavar="NAME", help="the features of a service",
                 autocompletion=complete_service),
]  # fmt: skip
Features = Annotated[
    list[str] | None,
    typer.Option("--features", metavar="SEL…", help="features: view:feature, view, globs",
                 autocompletion=complete_selector),
]  # fmt: skip
FullNames = Annotated[bool, typer.Option("--full-names", help="name columns view__feature")]
TableOrJson = Annotated[
    Literal["table", "json"], typer.Option("--format", help="how to print", show_default=True)
]
TextOrJson = Annotated[
    Literal["text", "json"], typer.Option("--format", help="how to print", show_default=True)
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="SEL…", help="views and services, with what they need; all "
                 "else stays as it is applied", autocompletion=complete_selector),
]  # fmt: skip
AllowedClasses = Annotated[
    list[str] | None,
    typer.Option("--allow", metavar="CLASS…",
                 help="allow changes of a class: narrowing, breaking, destroy"),
]  # fmt: skip
LockTimeout = Annotated[
    str | None,
    typer.Option("--lock-timeout", metavar="D", help="how long to wait for who is at work: 5m"),
]


def split(values: Iterable[str] | None) -> list[str]:
    """Values that were repeated or written with commas, one by one.

    >>> split(["a:x,a:y", "b"])
    ['a:x', 'a:y', 'b']
    """
    return [part.strip() for value in values or () for part in value.split(",") if part.strip()]
