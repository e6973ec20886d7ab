import sys

import pytest

from featurectl.definitions.definition import declared_to
from featurectl.definitions.entity import Entity
from featurectl.repo.config import load_config
from featurectl.repo.load import load_repository

HEAD = "from featurectl import Entity, Feature, FeatureService, FeatureView, FileSource, ViewRef\n"


def entity(name: str) -> str:
    return f'Entity("{name}", join_keys={{"id": "int64"}})\n'


def test_what_a_file_constructs_is_declared(disk) -> None:
    disk.write(
        "features/a.py",
        HEAD + "for name in 'abc':\n    Entity(name, join_keys={f'{name}_id': 'int64'})\n",
    )

    assert sorted(disk.load().entities) == ["a", "b", "c"]


def test_what_is_constructed_once_is_declared_once(disk) -> None:
    disk.write("features/a.py", HEAD + "from b import user\nimport features.b\nassert user\n")
    disk.write("features/b.py", HEAD + "user = " + entity("user"))
    disk.write("features/c.py", "from .b import user\nimport b\nassert b.user is user\n")

    assert list(disk.load().entities) == ["user"]


def test_files_import_each_other_from_their_folder_and_from_the_root(disk) -> None:
    disk.write("features/one/names.py", "NAME = 'one'\n")
    disk.write("features/two/names.py", "NAME = 'two'\n")
    disk.write("shared/keys.py", "KEYS = {'id': 'int64'}\n")
    disk.write("top.py", "TOP = 'top'\n")
    for folder in ("one", "two"):
        disk.write(
            f"features/{folder}/views.py",
            HEAD
            + "import names\nfrom . import names as same\nfrom shared.keys import KEYS\n"
            + "from top import TOP\nassert names is same\n"
            + "Entity(TOP + names.NAME, join_keys=KEYS)\n",
        )

    assert sorted(disk.load().entities) == ["topone", "toptwo"]


def test_a_package_with_an_init_file(disk) -> None:
    disk.write("features/__init__.py", HEAD + "from features.a import a\n" + entity("init"))
    disk.write("features/a.py", HEAD + "a = " + entity("a"))

    assert sorted(disk.load().entities) == ["a", "init"]


def test_a_file_named_like_a_module_does_not_replace_it(disk) -> None:
    disk.write(
        "features/calendar.py",
        HEAD + "import calendar, random\nassert calendar.monthrange\n" + entity("day"),
    )
    disk.write("features/random.py", HEAD + entity("dice"))
    disk.write("features/redis.py", HEAD + entity("cache"))

    assert sorted(disk.load().entities) == ["cache", "day", "dice"]


def test_classes_of_a_file_find_their_module(disk) -> None:
    disk.write(
        "features/a.py",
        f"""
from __future__ import annotations
from dataclasses import KW_ONLY, dataclass
from pydantic import BaseModel
{HEAD}
@dataclass
class Table:
    name: str
    _: KW_ONLY
    key: str = "id"

class Columns(BaseModel):
    table: Table

table = Columns(table=Table("user")).table
Entity(table.name, join_keys={{table.key: "int64"}})
""",
    )

    assert list(disk.load().entities) == ["user"]


def test_nothing_of_a_load_stays_behind(disk) -> None:
    disk.write("features/a.py", HEAD + "import sys\nsys.path.append('/nowhere')\nimport b\n")
    disk.write("features/b.py", HEAD + entity("b"))
    before = set(sys.modules), list(sys.path), list(sys.meta_path)

    disk.load()
    disk.write("features/c.py", "1 / 0\n")
    disk.errors()

    assert (set(sys.modules), sys.path, sys.meta_path) == before
    assert not list(disk.root.rglob("__pycache__"))


def test_two_repositories_in_one_process_do_not_mix(tmp_path) -> None:
    loaded = []
    for name in ("one", "two", "one"):
        root = tmp_path / name
        (root / "features").mkdir(parents=True, exist_ok=True)
        (root / "featurectl.yaml").write_text("project: shop\n")
        (root / "features" / "names.py").write_text(f"NAME = '{name}'\n")
        (root / "features" / "a.py").write_text(
            HEAD + "from names import NAME\nEntity(NAME, join_keys={'id': 'int64'})\n"
        )
        loaded += load_repository(load_config(root, environ={})).entities

    assert loaded == ["one", "two", "one"]


def test_what_a_file_prints_is_not_the_result(disk, capsys) -> None:
    disk.write("features/a.py", "print('loading')\n")

    disk.load()

    assert capsys.readouterr() == ("", "loading\n")


def test_one_error_of_a_file_that_many_import(disk) -> None:
    disk.write("features/a.py", "import broken\n")
    disk.write("features/b.py", "from broken import x\n")
    disk.write("features/broken.py", "x = 1\nraise LookupError('not there')\n")
    disk.write("features/c.py", "try:\n    import broken\nexcept LookupError:\n    pass\n")

    (error,) = disk.errors()

    assert (error.code, str(error.location)) == ("FC108", "features/broken.py:2:1")
    assert error.message == "a definition file raised LookupError: not there"
    assert isinstance(error.__cause__, LookupError)


def test_imports_in_a_circle_may_be_all_right(disk) -> None:
    disk.write("features/a.py", HEAD + "import b\n\ndef name():\n    return b.NAME\n")
    disk.write(
        "features/b.py", HEAD + "import a\nNAME = 'b'\nEntity(a.name(), join_keys={'i': 'int64'})"
    )

    assert [error.code for error in disk.errors()] == ["FC116"]
    disk.write("features/b.py", HEAD + "import a\nNAME = 'b'\n")
    disk.write("features/c.py", HEAD + "import a\nEntity(a.name(), join_keys={'i': 'int64'})")

    assert list(disk.load().entities) == ["b"]


def test_what_stumbles_over_a_refused_object_is_not_told_again(disk) -> None:
    disk.write(
        "features/a.py",
        HEAD
        + """
spend = FeatureView("spend", source="orders", ttl="1h", features=["a"])
for name, feature in spend.features.items():
    print(name)
""",
    )

    messages = [error.message for error in disk.errors()]

    assert messages == ['features of view "spend" must be a mapping, not a list']


def test_definitions_are_as_strict_outside_of_a_load() -> None:
    found = []

    with declared_to(found.append), pytest.raises(ValueError, match="validation error"):
        Entity("user", join_keys={})

    assert found == []


def test_a_file_that_the_user_interrupts(disk) -> None:
    disk.write("features/a.py", "raise KeyboardInterrupt\n")
    before = list(sys.meta_path)

    with pytest.raises(KeyboardInterrupt):
        disk.load()

    assert sys.meta_path == before


def test_places_reach_into_the_call(disk) -> None:
    disk.write(
        "features/a.py",
        HEAD
        + """
FEW = True
orders = FileSource("orders", path="x", event_timestamp="t")
spend = FeatureView(
    "spend", source=orders, ttl="1h",
    features={"n": "int64"} if FEW else {},
)
other = FeatureView("other", source=orders, ttl="1h", features={
    "n": Feature(type="int64", tags={"a": "b"}), "m": "int32"})
for i in range(2):
    FeatureView(f"v{i}", source=orders, ttl="1h", features={"n": "int32"})
""",
    )

    repository = disk.load()

    def seen(*path: str) -> str:
        place = repository.locate("view", *path)
        return place.excerpt[-1][1][place.column - 1 :][: place.length]

    assert seen("other") == "FeatureView"
    assert seen("other", "ttl") == '"1h"'
    assert seen("other", "features", "n") == '"n"'
    assert seen("other", "features", "n", "type") == '"int64"'
    assert seen("other", "features", "n", "tags", "a") == '"b"'
    assert seen("other", "features", "m", "type") == '"int32"'
    assert seen("other", "schedule") == "FeatureView"
    assert seen("spend", "features", "n", "type") == '{"n": "int64"} if FEW else {}'
    assert seen("v1", "name") == 'f"v{i}"'
    assert repository.locate("view", "nowhere") is None


def test_without_columns_the_call_is_found_by_its_line(disk, monkeypatch) -> None:
    """Pythons before 3.11 don't say where in the line a call is."""
    monkeypatch.setattr("featurectl.repo.python_file.span_of", lambda *_: None)
    monkeypatch.setattr("featurectl.repo.python_errors.span_of", lambda *_: None)
    disk.write(
        "features/a.py", HEAD + 'user = Entity(\n    "user",\n    join_keys={"i": "text"},\n)\n'
    )
    disk.write("features/b.py", "def f():\n    return  1 / 0  \nx = f()\n")

    first, second = disk.errors()

    assert str(first.location) == "features/a.py:4:21"
    assert second.render().splitlines()[-1] == "   |     ^^^^^^^^^^^^^"


def test_a_wrong_part_makes_no_second_error(disk) -> None:
    disk.write(
        "features/a.py",
        HEAD
        + """
orders = FileSource("orders", path="x", event_timestamp="t")
spend = FeatureView("spend", source=orders, ttl="1h", features={"a": Feature(), "b": "int64"})
FeatureService("model", features=[spend, ViewRef(spend, join_keys=["a"]), ViewRef("spnd")])
""",
    )

    assert [error.message for error in disk.errors()] == [
        'a feature lacks the key "type"',
        "join_keys of a reference must be a mapping, not a list",
        'service "model" refers to view "spnd", which is not defined',
    ]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("Entity(None, join_keys={'a': 'int64'})", "name of an entity must be a text, not None"),
        ("Entity('e', join_keys={1: 'int64'})", 'a key of join_keys of entity "e" must be a text'),
        ("Entity('e', join_keys=Entity)", 'join_keys of entity "e" must be a mapping, not a '),
        ("Feature(int)", "type of a feature must be a type, not a type"),
        ("Feature('int64', default=Feature('int64'))", "default of a feature: a Feature is not an"),
        ("Feature('int64', default='x' * 100)", f'default of a feature: "{"x" * 59}…" is not'),
        ("ViewRef('v', features=[1])", "item 1 of features of a reference must be a text, not a "),
        (
            "FeatureView('v', source='s', ttl=24, features={'a': 'int64'})",
            'ttl of view "v": 24 is ',
        ),
        ("FeatureView('v', source='s', ttl=object(), features={'a': 'int64'})", "ttl of view "),
        (
            "FeatureView('v', source='s', ttl='1h', entities=[3], features={'a': 'int64'})",
            "item 1 ",
        ),
        ("FeatureService('s', features=[None])", 'reference 1 of service "s" must be a text or a '),
        ("Entity('e', {'a': 'int64'})", "a definition file raised TypeError: "),
    ],
)
def test_python_has_values_that_yaml_has_not(disk, call, message) -> None:
    disk.write("features/a.py", f"{HEAD}{call}\n")

    (found,) = [error for error in disk.errors() if error.message.startswith(message)]

    assert "0x" not in found.message
    assert found.location.line == 2
