"""Features that alone tell a label, and those that only look as if."""

from __future__ import annotations

import warnings
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from featurectl.flows import separation
from featurectl.flows.separation import SeparationSample

COUNT = 2_000
RANDOM = np.random.default_rng(7)
NOISE = RANDOM.normal(size=COUNT)
LABEL = (NOISE > 0.5).astype(int)
CLASS = RANDOM.integers(0, 5, COUNT)


def found(feature, label, *, batch: int = 500) -> list[str]:
    table = pa.table({"y": label, "x": feature})
    sample = SeparationSample(table.num_rows, ["y"], {"x": "v:x"})
    for piece in table.to_batches(max_chunksize=batch):
        sample.add(piece)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return [lint.sample[2] for lint in sample.finish()]


@pytest.mark.parametrize(
    ("feature", "label"),
    [
        (NOISE, LABEL),
        (-NOISE, LABEL == 1),
        (NOISE, np.where(LABEL, "yes", "no")),
        (LABEL, LABEL),
        (np.where(LABEL, "paid", "open"), LABEL),
        (LABEL == 1, LABEL),
        (np.where(RANDOM.random(COUNT) < 0.005, 1 - LABEL, LABEL), LABEL),
        (CLASS, CLASS),
        (CLASS * 2.5 + RANDOM.random(COUNT), CLASS),
        (np.array(list("abcde"))[CLASS], CLASS),
        (NOISE * 3 + 1, NOISE),
        (-NOISE, NOISE),
    ],
)
def test_a_feature_that_alone_tells_a_label_is_found(feature, label):
    assert len(found(pa.array(feature), pa.array(label))) == 1


@pytest.mark.parametrize(
    "feature",
    [
        pa.array([Decimal(round(value * 1000)) for value in NOISE]),
        pa.array(NOISE.astype(np.float32)),
        pa.array([datetime(2024, 1, 1, tzinfo=timezone.utc) + timedelta(days=int(value * 1000))
                  for value in NOISE]),
        pa.array([None if label else 1 for label in LABEL]),
        pa.array([None if label else value for label, value in zip(LABEL, NOISE, strict=True)]),
        pa.array([None if label else "a" for label in LABEL]).dictionary_encode(),
    ],
)  # fmt: skip
def test_features_of_any_type_and_their_nulls_are_looked_at(feature):
    assert len(found(feature, pa.array(LABEL))) == 1


@pytest.mark.parametrize(
    ("feature", "label"),
    [
        (RANDOM.normal(size=COUNT), LABEL),
        (NOISE + RANDOM.normal(size=COUNT), LABEL),
        (NOISE + RANDOM.normal(size=COUNT), NOISE),
        (np.arange(COUNT), LABEL),
        (np.arange(COUNT).astype(str), LABEL),
        (RANDOM.integers(0, 5, COUNT), CLASS),
        (np.ones(COUNT), LABEL),
        (np.full(COUNT, np.nan), LABEL),
        (np.where(LABEL, np.inf, -np.inf)[RANDOM.permutation(COUNT)], NOISE),
        (NOISE, np.ones(COUNT)),
        (LABEL, np.arange(COUNT).astype(str)),
        (np.full(COUNT, 1e300), NOISE * 1e300),
    ],
)
def test_a_feature_that_does_not_is_not(feature, label):
    assert found(pa.array(feature), pa.array(label)) == []


def test_a_rare_class_counts_as_much_as_a_common_one():
    rare = np.zeros(COUNT, int)
    rare[:40] = 1
    assert found(pa.array(np.zeros(COUNT)), pa.array(rare)) == []
    assert len(found(pa.array(rare), pa.array(rare))) == 1


def test_few_rows_are_separated_by_chance():
    assert found(pa.array(range(20)), pa.array([0] * 10 + [1] * 10)) == []
    assert found(pa.array(range(40)), pa.array([0] * 35 + [1] * 5)) == []
    assert len(found(pa.array(range(40)), pa.array([0] * 20 + [1] * 20))) == 1


def test_rows_without_a_label_do_not_count():
    label = [None if n % 3 == 0 else int(value) for n, value in enumerate(LABEL)]
    feature = [RANDOM.random() if n % 3 == 0 else value for n, value in enumerate(NOISE)]
    assert found(pa.array(feature), pa.array(label)) == ["AUC 1.000"]


def test_what_has_no_values_to_compare_is_left_out():
    lists = pa.array([[int(value)] for value in LABEL])
    times = pa.array(LABEL).cast(pa.int64()).cast(pa.timestamp("us"))
    assert found(lists, pa.array(LABEL)) == []
    assert found(pa.array(LABEL), lists) == []
    assert found(pa.array(LABEL), times) == []


def test_a_sample_is_the_same_each_time_and_from_everywhere(monkeypatch):
    monkeypatch.setattr(separation, "SAMPLE_ROWS", 300)
    first, again = SeparationSample(COUNT, ["y"], {}), SeparationSample(COUNT, ["y"], {})
    assert first._chosen.tolist() == again._chosen.tolist()
    assert len(set(first._chosen.tolist())) == 300
    assert abs(first._chosen.mean() - COUNT / 2) < 150
    assert len(found(pa.array(NOISE), pa.array(LABEL), batch=7)) == 1


def test_no_rows_and_no_labels_tell_nothing():
    assert SeparationSample(0, ["y"], {"x": "v:x"}).finish() == []
    assert found(pa.array([], pa.int64()), pa.array([], pa.int64())) == []
    sample = SeparationSample(3, [], {"x": "v:x"})
    sample.add(pa.RecordBatch.from_pydict({"x": [1, 2, 3]}))
    assert sample.finish() == []


def test_a_finding_names_feature_label_and_measure():
    sample = SeparationSample(COUNT, ["y"], {"x": "v:x"})
    sample.add(pa.RecordBatch.from_pydict({"y": LABEL, "x": NOISE}))
    [lint] = sample.finish()
    assert lint.document() == {
        "code": "separating_feature",
        "message": 'v:x alone tells "y" (AUC 1.000, 2,000 rows looked at): is it known before?',
        "count": 2_000,
        "sample": ["x", "y", "AUC 1.000"],
    }
