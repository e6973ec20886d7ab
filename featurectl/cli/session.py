"""What a command works with: the global options, the console, and the store they lead to."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from featurectl.cli.console import Console

if TYPE_CHECKING:
    from featurectl.client.feature_store import FeatureStore

_COMMAND = re.compile(
    r"\bfeaturectl (?:apply|dataset \w+|history|materialize|plan|rollback|status|unlock)\b(?!:)"
)


@dataclass
class Session:
    """The global options of one call, collected from before and after the command."""

    repo: str = "."
    env: str | None = None
    color: bool = True
    quiet: bool = False
    verbose: bool = False
    console: Console = field(default_factory=Console)

    def configure(self, option: str, value: object) -> None:
        """Take the value of a global option; the last one given counts."""
        if option == "no_color":
            self.color = False
        else:
            setattr(self, option, value)
        self.console = Console(color=self.color, quiet=self.quiet, addressed=self.addressed)

    def store(self) -> FeatureStore:
        """The feature store of the repository and environment that were asked for."""
        from featurectl.client.feature_store import FeatureStore  # noqa: PLC0415 - not for --help

        return FeatureStore(self.repo, env=self.env or None)

    def data_store(self) -> FeatureStore:
        """The same, for a command that works on data, and runs no code of the repository."""
        from featurectl.cli.without_pandas import without_pandas  # noqa: PLC0415 - not for --help

        without_pandas()
        return self.store()

    def typed(self, command: str) -> str:
        """A command as this user would type it next, with the same repository and environment."""
        return self.addressed(f"featurectl {command}", at_end=True)

    def addressed(self, text: str, *, at_end: bool = False) -> str:
        """The text with the repository and the environment of this call in its commands.

        Who pastes one of them means the same ones: without its flag it would change another
        environment. What the text says of them already stays.
        """
        flags = []
        if self.repo != "." and " --repo " not in text:
            flags += ["--repo", _quoted(self.repo)]
        if self.env and " --env " not in text:
            flags += ["--env", _quoted(self.env)]
        if not flags:
            return text
        told = " ".join(flags)
        return f"{text} {told}" if at_end else _COMMAND.sub(lambda at: f"{at[0]} {told}", text)


def _quoted(text: str) -> str:
    if os.name == "nt":
        return f'"{text}"' if " " in text else text
    from shlex import quote  # noqa: PLC0415 - only where something is quoted

    return quote(text)
