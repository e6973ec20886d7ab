"""What README shows is what happens: its commands and its Python, in the order they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EVERY_DAY = (ROOT / "README.md").read_text().partition("## Every day")[2].partition("\n## ")[0]


def blocks(language: str) -> str:
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", EVERY_DAY, re.DOTALL))


def test_the_commands_and_the_python_of_every_day_work_as_they_stand(tmp_path: Path) -> None:
    script = f"set -e\n{blocks('sh')}\npython - <<'END'\n{blocks('python')}\nEND\n"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "fraud" / "train.parquet").exists()
    assert "Applied run #1" in done.stdout
    assert "'fraud_rate_90d': 'PRESENT'" in done.stdout


def test_the_two_commands_at_the_top_are_targets_of_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    top = (ROOT / "README.md").read_text().partition("## Concepts")[0]
    assert set(re.findall(r"^make (\w+)", top, re.MULTILINE)) == {"demo", "test"} <= targets
