"""What was served under other definitions, and while they changed."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from loading import Loading, source, view
from registries import Clock
from serving import answers, standing

from featurectl.definitions.entity import Entity
from featurectl.errors import RequestError
from featurectl.flows.as_served import ServedPast
from featurectl.flows.request import requested_columns
from featurectl.flows.served_past import served_past
from featurectl.queries.relation import EventRange

SECOND = 1_000_000
DRIVER = Entity("driver", join_keys={"id": "int64"})
X = {"x": "float64"}


class Project(Loading):
    """Loading by a clock that starts now, and stands still until it is moved."""

    def __init__(self, folder):
        self.clock = Clock()
        self.clock.now_us = time.time_ns() // 1_000 // SECOND * SECOND
        self.begun = self.clock.now_us
        super().__init__(folder, f"sqlite:///{folder}/online.db", clock=self.clock)

    def at(self, second):
        return self.begun + second * SECOND

    def rows(self, *rows, name="stats.parquet", features=X):  # (id, second, *values)
        found = [(key, self.at(second), *values) for key, second, *values in rows]
        self.write(name, found, features)

    def define(self, second, *, path="stats.parquet", source_fields=None, **fields):
        self.clock.now_us = self.at(second)
        self.apply(DRIVER, source(path=path, **(source_fields or {})), view(**fields))

    def load(self, second, **asked):
        self.clock.now_us = self.at(second)
        with standing(self.clock):
            summary = self.run(now=self.clock.now_us, allow=("empty", "nulls"), **asked)
        assert not summary.failed, summary.errors

    def served(self, *labels, features=("stats:x",)):
        found = answers(self, [(key, self.at(second)) for key, second in labels], *features)
        return [(state, *values) for state, values in found]

    def notes(self, *features):
        repository = self.snapshot.repository
        (columns,) = requested_columns(repository, features, None, full_names=False)
        past = ServedPast(self.registry, self.env, self.engine)
        span = EventRange(self.at(0), self.at(60))
        return past.use(columns, ["x0"], span).notes


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path)
    yield project
    project.close()


def test_a_row_is_served_from_the_finish_of_the_run_on_that_loaded_it(project):
    project.rows((1, 1, 0.5), (1, 3, 0.7))
    project.define(0)
    project.load(5)

    assert project.served((1, 0), (1, 4), (1, 5), (2, 9)) == [
        ("no row", None),
        ("not loaded", None),
        ("matched", 0.7),
        ("no row", None),
    ]


def test_the_ttl_and_the_policy_are_those_that_were_applied_then(project):
    project.rows((1, 1, 0.5))
    project.define(0, ttl="5s", on_stale="serve")
    project.load(2)
    project.define(10, ttl="5s", on_stale="hide")
    project.define(20, ttl="60s")

    assert project.served((1, 6), (1, 9), (1, 10), (1, 20)) == [
        ("matched", 0.5),
        ("serve", 0.5),
        ("hide", None),
        ("matched", 0.5),
    ]


def test_rows_of_an_earlier_source_were_served_until_the_flip(project):
    project.rows((1, 1, 0.5))
    project.rows((1, 1, 9.5), name="other.parquet")
    project.define(0)
    project.load(2)
    project.define(4, path="other.parquet")
    project.load(6)

    assert project.served((1, 3), (1, 5), (1, 6)) == [
        ("matched", 0.5),
        ("matched", 0.5),
        ("matched", 9.5),
    ]
    assert project.notes("stats:x") == ()


def test_what_earlier_files_held_is_told_as_unknown_once_they_are_gone(project):
    project.rows((1, 1, 0.5))
    project.rows((1, 1, 9.5), name="other.parquet")
    project.define(0)
    project.load(2)
    project.define(4, path="other.parquet")
    project.load(6)
    (project.folder / "stats.parquet").unlink()

    assert project.served((1, 3), (1, 6)) == [("unknown", None), ("matched", 9.5)]
    (note,) = project.notes("stats:x")
    assert "its source of then can't be read" in note


def test_a_feature_of_another_type_is_unknown_and_the_others_are_told(project):
    both = {"x": "float64", "y": "string"}
    project.rows((1, 1, 0.5, "7"), features=both)
    project.define(0, features=both)
    project.load(2)
    project.rows((1, 1, 0.5, 7), features={"x": "float64", "y": "int64"})
    project.define(4, features={"x": "float64", "y": "int64"})
    project.load(6)
    (before, after) = project.served((1, 3), (1, 6), features=("stats:x", "stats:y"))

    assert before[1:] == (None, None)  # the file of then is not there any more
    assert after == ("matched", 0.5, 7)
    assert project.notes("stats:x", "stats:y")


def test_a_feature_is_served_from_the_first_run_on_that_has_written_it(project):
    both = {"x": "float64", "y": "float64"}
    project.rows((1, 1, 0.5, 2.5), features=both)
    project.define(0, features=X)
    project.load(2)
    project.define(4, features={"x": "float64", "y": {"type": "float64", "default": 1.0}})
    project.load(6)

    found = project.served((1, 3), (1, 5), (1, 6), features=("stats:x", "stats:y"))

    assert found == [("matched", 0.5, None), ("matched", 0.5, 1.0), ("matched", 0.5, 2.5)]


def test_a_view_is_followed_through_its_renames(project):
    project.rows((1, 1, 0.5))
    project.define(0)
    project.load(2)
    project.clock.now_us = project.at(4)
    renamed = view(
        "figures",
        source="stats",
        features={"z": {"type": "float64", "renamed_from": "x"}},
        renamed_from="stats",
    )
    project.apply(DRIVER, source(columns={"x": "z"}), renamed)

    assert project.served((1, 3), (1, 5), features=("figures:z",)) == [
        ("matched", 0.5),
        ("matched", 0.5),
    ]


def test_static_rows_hold_from_the_first_load_on(project):
    project.write("stats.parquet", [(1, None, 0.5)], X)
    project.define(0, source_fields={"event_timestamp": "none"})
    project.load(2)
    assert project.notes("stats:x") == ()
    project.write("stats.parquet", [(1, None, 0.75), (2, None, 1.5)], X)
    project.load(6)

    (note,) = project.notes("stats:x")
    assert note == "its rows are those of today: what earlier files held is gone"

    assert project.served((1, 1), (1, 2), (1, 6), (2, 7), (3, 7)) == [
        ("not loaded", None),
        ("matched", 0.75),  # what earlier files held is gone
        ("matched", 0.75),
        ("matched", 1.5),
        ("no row", None),
    ]


def test_nothing_was_served_before_the_view_was_applied(project):
    project.rows((1, -5, 0.5))
    project.define(0)
    project.load(2)

    assert project.served((1, -3), (1, -9)) == [("not loaded", None), ("no row", None)]


def test_nothing_was_served_while_the_view_was_away(project):
    project.rows((1, 1, 0.5))
    project.define(0)
    project.load(2)
    project.define(4, online=False)
    project.define(6)
    project.load(8)

    assert project.served((1, 3), (1, 5), (1, 7), (1, 8)) == [
        ("matched", 0.5),
        ("not loaded", None),
        ("not loaded", None),
        ("matched", 0.5),
    ]


def test_rows_that_another_environment_has_loaded_are_served(project):
    project.rows((1, 1, 0.5))
    project.define(0)
    project.load(2)
    theirs = project.snapshot.bindings["stats"].read
    part = project.registry.runs("dev")[0].views[0]
    project.env = "prod"
    project.define(4)
    run = project.registry.begin("materialize", "prod", 1, project.actor)
    project.clock.now_us = project.at(6)
    project.registry.advance(
        "prod",
        run,
        replace(part, status="skipped"),
        lease=None,
        binding=replace(project.snapshot.bindings["stats"], read=theirs),
    )

    assert project.served((1, 5), (1, 6)) == [("not loaded", None), ("matched", 0.5)]


def test_what_was_never_loaded_is_an_error(project):
    project.rows((1, 1, 0.5))
    project.define(0)
    with pytest.raises(RequestError) as error:
        project.served((1, 3))

    assert error.value.code == "FC335"
    assert "no run has loaded" in error.value.message


def test_what_is_not_online_is_an_error(project):
    project.rows((1, 1, 0.5))
    project.define(0, online=False)
    with pytest.raises(RequestError) as error:
        project.served((1, 3))

    assert error.value.code == "FC335"
    assert "never served online" in error.value.message


def test_time_is_cut_where_the_definition_changes(project):
    project.rows((1, 1, 0.5))
    for second in range(5):
        project.define(second, description=f"take {second}")

    stretches = served_past(project.registry, project.env, "stats")

    assert [stretch.since_us for stretch in stretches] == [project.at(n) for n in range(5)]
    assert stretches[-1].until_us is None
