from pathlib import Path

from featurectl.cli.commands.demo import _ending
from featurectl.cli.paint import strip


def test_the_demo_ends_with_what_to_try_next() -> None:
    lines = [strip(line) for line in _ending(Path("/tmp/x/flights"), None, 10.2, keep=False)]  # noqa: S108 - a text

    assert lines[1] == "That was all of it, in 10.2 s. Next:"
    assert lines[2].startswith("  featurectl demo --keep")


def test_what_is_kept_can_be_removed_without_the_password_on_the_screen() -> None:
    url = "redis://:secret@host:6379/9"
    text = "\n".join(_ending(Path("/tmp/x/flights"), url, 10.2, keep=True))  # noqa: S108 - a text

    assert "cd /tmp/x/flights" in text
    assert "--scan --pattern 'flights[:@]*'" in text
    assert "secret" not in text
