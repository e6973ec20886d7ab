"""Lines that expect a change: read from both languages, with their places."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from featurectl import acknowledge
from featurectl.definitions.acknowledgement import TARGETS, Acknowledgement
from featurectl.definitions.decode import CLASSES
from featurectl.plan.plan import definitions_hash

IN_YAML = """
    acknowledge:
      - {view: legacy_scores, change: destroy, reason: replaced by scores_v2}
    """
IN_PYTHON = """
    from featurectl import acknowledge

    acknowledge(view="legacy_scores", change="destroy", reason="replaced by scores_v2")
    """
LINE = acknowledge(view="legacy_scores", change="destroy", reason="replaced by scores_v2")


def test_yaml_and_python_give_the_same_line(disk) -> None:
    disk.write("features/a.yaml", IN_YAML)
    in_yaml = disk.load().acknowledgements
    disk.write("features/a.yaml", "")
    disk.write("features/a.py", IN_PYTHON)

    assert in_yaml == disk.load().acknowledgements == (LINE,)


def test_a_line_has_its_object_and_its_place(disk) -> None:
    disk.write("features/a.py", IN_PYTHON)

    repository = disk.load()
    (line,) = repository.acknowledgements
    place = repository.locate("acknowledge", str(line), "change")

    assert line.target == ("view", "legacy_scores")
    assert str(line) == "destroy of view legacy_scores"
    assert str(repository.locate("acknowledge", str(line))).startswith("features/a.py:3:")
    assert str(place).startswith("features/a.py:3:")


def test_lines_come_in_the_order_of_their_files(disk) -> None:
    line = "acknowledge: [{{{kind}: x, change: destroy, reason: r}}]\n"
    for file, kind in zip("cbad", TARGETS, strict=True):
        disk.write(f"features/{file}.yaml", line.format(kind=kind))

    found = [line.target[0] for line in disk.load().acknowledgements]

    assert found == ["view", "source", "entity", "service"]


def test_every_kind_of_definition_can_be_named() -> None:
    assert set(TARGETS) == set(CLASSES)
    assert set(TARGETS) < set(Acknowledgement.model_fields)


def test_what_is_named_need_not_be_in_the_files(disk) -> None:
    disk.write("features/a.yaml", IN_YAML)

    assert disk.errors() == []


def test_an_object_that_is_still_there_can_be_named_itself(disk) -> None:
    disk.write(
        "features/a.py",
        """
        from featurectl import Entity, acknowledge

        driver = Entity("driver", join_keys={"id": "int64"})
        acknowledge(entity=driver, change="breaking", reason="a string from now on")
        """,
    )

    assert disk.load().acknowledgements[0].target == ("entity", "driver")


def test_a_line_is_no_part_of_what_a_plan_is_made_from(disk) -> None:
    disk.write("features/b.yaml", "entities: [{name: driver, join_keys: {id: int64}}]\n")
    without = definitions_hash(disk.load())
    disk.write("features/a.yaml", IN_YAML)

    assert definitions_hash(disk.load()) == without


def test_owner_and_tags_of_the_defaults_are_none_of_it(disk) -> None:
    disk.write("featurectl.yaml", "project: shop\ndefaults: {owner: ada, tags: {a: b}}\n")
    disk.write("features/a.yaml", IN_YAML)

    assert disk.load().acknowledgements == (LINE,)


def test_white_space_around_a_reason_plays_no_part() -> None:
    line = acknowledge(view="a", change="destroy", reason="  because\n")

    assert line.reason == "because"


@pytest.mark.parametrize("named", [{}, {"view": "a", "entity": "a"}])
def test_a_line_names_one_object(named) -> None:
    with pytest.raises(ValidationError, match="names"):
        acknowledge(**named, change="destroy", reason="because")


@pytest.mark.parametrize("named", ["", 'view="a", entity="b", '])
def test_a_line_of_a_python_file_that_names_no_one_object_is_an_error_at_its_place(
    disk, named
) -> None:
    disk.write(
        "features/a.py",
        f"""
        from featurectl import acknowledge

        acknowledge({named}change="destroy", reason="because")
        """,
    )

    (error,) = disk.errors()

    assert "names" in error.message
    assert str(error.location).startswith("features/a.py:3:")
