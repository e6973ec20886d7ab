"""Keys of the online store: distinct for distinct names and values, however they are made."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from featurectl.definitions.arrow_type import arrow_type
from featurectl.online.keys import (
    encode_keys,
    manifest_key,
    row_key,
    row_prefix,
    stamp_key,
    version_key,
)

SHORT = st.text(st.sampled_from("%:,{}-@0e\0\x1f\x7f\x85aé2D"), max_size=4)
TEXT = SHORT | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = {
    "int32": st.integers(-(2**31), 2**31 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "string": TEXT,
    "bytes": st.binary(max_size=4),
    "bool": st.booleans(),
    "date": st.dates(min_value=date(1, 1, 1)),
}


@st.composite
def entities(draw):
    """Join keys, and two rows of values."""
    types = draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=3))
    names = draw(st.permutations(["a", "b", "C"]))
    row = st.tuples(*(VALUES[name] for name in types))
    return list(zip(names, types, strict=False)), draw(row), draw(row)


@settings(max_examples=600, deadline=None)
@given(entities())
def test_distinct_values_never_have_one_key(entity):
    join_keys, one, other = entity

    same = row_key("demo", "fv.k3f9", join_keys, one) == row_key(
        "demo", "fv.k3f9", join_keys, other
    )

    assert same == (one == other)


@settings(max_examples=400, deadline=None)
@given(TEXT, TEXT, TEXT, TEXT)
def test_parts_of_a_composite_key_never_run_together(a, b, c, d):
    join_keys = [("x", "string"), ("y", "string")]

    same = row_key("p", "g", join_keys, (a, b)) == row_key("p", "g", join_keys, (c, d))

    assert same == ((a, b) == (c, d))


@settings(max_examples=300, deadline=None)
@given(entities())
def test_a_batch_makes_the_keys_that_single_rows_make(entity):
    join_keys, *rows = entity
    columns = {"e": pa.array([0, 0])}
    for i, (_, type_name) in enumerate(join_keys):
        columns[f"k{i}"] = pa.array([row[i] for row in rows], arrow_type(type_name))

    made = encode_keys(pa.record_batch(columns), "demo", "fv.k3f9", join_keys)

    assert made == [row_key("demo", "fv.k3f9", join_keys, row) for row in rows]


@settings(max_examples=300, deadline=None)
@given(entities(), TEXT, TEXT, TEXT, TEXT)
def test_no_row_has_the_key_of_a_manifest_or_a_stamp(entity, project, name, other, env):
    join_keys, values, _ = entity
    row = row_key(project, name, join_keys, values)

    assert row.startswith(row_prefix(project, name))
    assert row not in {manifest_key(other, env), version_key(other, env), stamp_key(other, env)}


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXT.filter(bool), min_size=4, max_size=4))
def test_manifests_versions_and_stamps_of_any_names_have_keys_of_their_own(names):
    a, b, c, d = names
    keys = [
        make(*pair) for make in (manifest_key, version_key, stamp_key) for pair in ((a, b), (c, d))
    ]

    assert len(set(keys)) == (6 if (a, b) != (c, d) else 3)


@pytest.mark.parametrize(
    ("join_keys", "values", "key"),
    [
        ([], (), "-"),
        ([("user", "string")], ("u1",), "u1"),
        ([("user", "string")], ("-",), "%2D"),
        ([("user", "string")], ("",), "%00e"),
        ([("user", "string")], ("\0e",), "%00%65"),
        ([("user", "string")], ("a:b,c{d}%\n\x85",), "a%3Ab%2Cc%7Bd%7D%25%0A%C2%85"),
        ([("user", "string")], ("Zoë e\u0301",), "Zoë e\u0301"),
        ([("user", "int64")], (-(2**63),), "-9223372036854775808"),
        ([("b", "string"), ("a", "int64")], ("x", 1), "1,x"),
        ([("day", "date")], (date(2024, 2, 29),), "2024-02-29"),
        ([("raw", "bytes")], (b"\xff\x00",), "ff00"),
        ([("raw", "bytes")], (b"",), "%00e"),
        ([("flag", "bool")], (True,), "true"),
    ],
)
def test_a_key_reads_as_written(join_keys, values, key):
    assert row_key("fraud", "spend.k3f9", join_keys, values) == f"fraud:spend.k3f9:{key}".encode()


def test_half_of_a_surrogate_pair_is_no_key():
    with pytest.raises(UnicodeEncodeError):
        row_key("p", "g", [("user", "string")], ("\ud800",))
