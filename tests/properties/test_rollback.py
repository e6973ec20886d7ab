"""Whatever is edited, applied, loaded and rolled back in any order: readers get what is applied."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from walked_files import EDITS
from walking import Walk

CASES = max(1, int(os.environ.get("FEATURECTL_PROPERTY_CASES", "150")) // 30)
KINDS = (
    "edit",
    "change",
    "change",
    "change",
    "load",
    "load",
    "rollback",
    "arrive",
    "revert",
    "sweep",
)
steps = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 11), st.integers(0, 11)),
    min_size=4,
    max_size=24,
)
FIRST = [("revert", 0, 0), ("load", 0, 0)]
LAST = [("load", 0, 0)]
RENAMED, PATH, TTL, ADDED = map(EDITS.index, ("rename", "path", "ttl", "add"))
# A feature more for rows that are filled again from where they were left.
ADDED_TO_EARLIER = [("change", 0, PATH), *LAST, ("revert", 0, 0), ("change", 0, ADDED)]
# Rows that were last written, in another layout, when the view had another name.
UNDER_TWO_NAMES = [
    *(("change", 0, RENAMED), ("change", 0, ADDED), ("arrive", 0, 0), *LAST),
    *(("change", 0, PATH), *LAST, ("rollback", 7, 0)),
]
# Rows that were loaded with a shorter TTL than that of the definition which is gone back to.
NARROWED = [
    *(("change", 1, 0), ("change", 1, TTL), *LAST),
    *(("change", 1, PATH), *LAST, ("rollback", 2, 0)),
]


@settings(deadline=None, max_examples=CASES)
@given(steps)
@example(ADDED_TO_EARLIER)
@example(UNDER_TWO_NAMES)
@example(NARROWED)
def test_after_a_load_each_value_is_what_a_fresh_environment_would_serve(
    then: list[tuple[str, int, int]],
) -> None:
    folder = Path(tempfile.mkdtemp())
    walk = Walk(folder, f"sqlite:///{folder / 'online.db'}")
    try:
        for step in [*FIRST, *then, *LAST]:
            walk.do(*step)
            walk.check()
    finally:
        walk.close()
        shutil.rmtree(folder)
