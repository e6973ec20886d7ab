"""Options that several commands have, and how their values are read."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from featurectl.cli.completion import complete_selector, complete_service
from featurectl.definitions.duration import parse_duration
from featurectl.definitions.instant import parse_when

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


def when(text: str | None, option: str) -> int | None:
    """Microseconds since 1970 of a time on the command line.

    Raises:
        typer.BadParameter: it is no time.
    """
    if text is None:
        return None
    try:
        return parse_when(text, now_us=time.time_ns() // 1000)
    except ValueError as error:
        raise typer.BadParameter(f"{error}, now, or -2d", param_hint=option) from None


def duration(text: str | None, option: str) -> str | None:
    """The text of a duration, once it is found to be one.

    Raises:
        typer.BadParameter: it is no duration.
    """
    if text is not None:
        try:
            parse_duration(text)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint=option) from None
    return text
