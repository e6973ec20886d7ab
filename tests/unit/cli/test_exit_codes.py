import pytest

from featurectl.cli.exit_codes import Terminated, exit_code_of
from featurectl.errors import (
    ConflictError,
    DefinitionError,
    FeaturectlError,
    ManyErrors,
    RefusedError,
    RequestError,
    SourceError,
    StoreError,
)

REFUSED = RefusedError("FC401", "x")
BROKEN = DefinitionError("FC101", "x")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (BROKEN, 1),
        (SourceError("FC201", "x"), 1),
        (RequestError("FC301", "x"), 1),
        (StoreError("FC601", "x"), 1),
        (FeaturectlError("FC999", "x"), 1),
        (ValueError("a bug"), 1),
        (REFUSED, 4),
        (ConflictError("FC501", "x"), 5),
        (ManyErrors([REFUSED, RefusedError("FC402", "x")]), 4),
        (ManyErrors([REFUSED, BROKEN]), 1),
        (KeyboardInterrupt(), 130),
        (BrokenPipeError(), 141),
        (Terminated(), 143),
    ],
)
def test_every_outcome_has_its_exit_code(error: BaseException, code: int) -> None:
    assert exit_code_of(error) == code
