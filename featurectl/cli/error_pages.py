"""The pages of error codes: what each means, an example, and what to do."""

from __future__ import annotations

from pathlib import Path

from featurectl.cli.paint import paint
from featurectl.errors import RequestError, did_you_mean

FOLDER = Path(__file__).parent / "explanations"
_HEADINGS = ("For example", "What to do")


def explained_codes() -> list[str]:
    """The codes that have a page."""
    return sorted(page.stem for page in FOLDER.glob("FC*.md"))


def explain(code: str) -> list[str]:
    """The page, with its headings painted.

    Raises:
        RequestError: FC313 there is no such code.
    """
    wanted = code.strip().upper()
    codes = explained_codes()
    if wanted not in codes:
        raise RequestError(
            "FC313",
            f'there is no error code "{code}"',
            caret=did_you_mean(wanted, codes),
            notes=["codes are FC101 and the like, as they stand in error[…]"],
        )
    title, *lines = (FOLDER / f"{wanted}.md").read_text("utf-8").splitlines()
    return [
        paint(title.removeprefix("# "), "bold"),
        *(paint(line, "bold") if line in _HEADINGS else line for line in lines),
    ]
