"""Commands that are printed name the repository and the environment of the call."""

from __future__ import annotations

import pytest

from featurectl.cli.session import Session

PLAIN = Session()
PROD = Session(repo="my shop", env="prod")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("featurectl apply", "featurectl apply --repo 'my shop' --env prod"),
        (
            "featurectl apply publishes it, and featurectl materialize loads it",
            (
                "featurectl apply --repo 'my shop' --env prod publishes it, "
                "and featurectl materialize --repo 'my shop' --env prod loads it"
            ),
        ),
        (
            "featurectl plan --env dev, and then: featurectl apply plan.json",
            (
                "featurectl plan --repo 'my shop' --env dev, "
                "and then: featurectl apply --repo 'my shop' plan.json"
            ),
        ),
        ("featurectl check --explain FC103", "featurectl check --explain FC103"),
        ("this featurectl knows 3", "this featurectl knows 3"),
    ],
)
def test_a_command_in_a_text_gets_the_flags_of_the_call(text: str, told: str) -> None:
    assert PROD.addressed(text) == told
    assert PROD.addressed(told) == told
    assert PLAIN.addressed(text) == text


def test_a_command_to_type_next_has_them_at_its_end() -> None:
    assert PROD.typed("apply plan.json") == (
        "featurectl apply plan.json --repo 'my shop' --env prod"
    )
    assert PLAIN.typed("apply plan.json") == "featurectl apply plan.json"
