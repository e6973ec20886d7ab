import os

import pytest

ENTITY = "entities: [{{name: {name}, join_keys: {{id: int64}}}}]\n"


def entity(name: str) -> str:
    return ENTITY.format(name=name)


def test_files_are_found_in_folders_of_any_depth(disk) -> None:
    for name in ("a.yaml", "b.yml", "deep/c.yaml", "deep/er/d.YAML"):
        disk.write(f"features/{name}", entity(name.partition(".")[0].rpartition("/")[2]))
    disk.write(
        "features/e.py", "from featurectl import Entity\nEntity('e', join_keys={'i': 'int64'})"
    )

    assert sorted(disk.load().entities) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    "name",
    [".a.yaml", ".git/a.yaml", "__pycache__/a.yaml", "a.yaml~", "a.txt", "README.md", "a.json"],
)
def test_other_files_are_passed_over(disk, name) -> None:
    disk.write(f"features/{name}", "x: [")

    assert list(disk.load().objects()) == []


def test_the_configuration_says_where_definitions_are(disk) -> None:
    disk.write("featurectl.yaml", "project: shop\ndefinitions: [one, two/b.yaml, one/a.yaml]\n")
    disk.write("one/a.yaml", entity("a"))
    disk.write("two/b.yaml", entity("b"))
    disk.write("two/c.yaml", entity("c"))
    disk.write("features/d.yaml", entity("d"))

    assert sorted(disk.load().entities) == ["a", "b"]


def test_the_root_itself_may_hold_definitions(disk) -> None:
    disk.write("featurectl.yaml", "project: shop\ndefinitions: [.]\n")
    disk.write("a.yaml", entity("a"))

    assert list(disk.load().entities) == ["a"]


def test_a_folder_that_is_missing(disk, shown) -> None:
    (disk.root / "features").rmdir()
    by_default = disk.screen()
    disk.write("featurectl.yaml", "project: shop\ndefinitions:\n  - featrues/\n")

    assert by_default == shown("""
        error[FC109] there is no file or folder "features/" for definitions
          help: create it, or say in featurectl.yaml where they are: definitions: [FOLDER]
    """)
    assert disk.screen() == shown("""
        error[FC109] there is no file or folder "featrues/" for definitions
          --> featurectl.yaml:3:5
           |
         2 | definitions:
         3 |   - featrues/
           |     ^^^^^^^^^
           = help: create it, or say in featurectl.yaml where they are: definitions: [FOLDER]
    """)


def test_nothing_outside_of_the_repository_is_read(disk, tmp_path_factory, shown) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "a.yaml").write_text(entity("stolen"))
    (disk.root / "features" / "link.yaml").symlink_to(outside / "a.yaml")
    (disk.root / "features" / "folder").symlink_to(outside)
    disk.write("featurectl.yaml", "project: shop\ndefinitions: [features, ../]\n")

    assert disk.screen() == shown("""
        error[FC109] "../" leads out of the repository
          --> featurectl.yaml:2:25
           |
         1 | project: shop
         2 | definitions: [features, ../]
           |                         ^^^

        error[FC109] "features/folder" leads out of the repository
          --> features/folder:1:1

        error[FC109] "features/link.yaml" leads out of the repository
          --> features/link.yaml:1:1
    """)


def test_links_inside_of_the_repository_are_followed_once(disk) -> None:
    disk.write("shared/a.yaml", entity("a"))
    (disk.root / "features" / "one").symlink_to(disk.root / "shared")
    (disk.root / "features" / "two").symlink_to(disk.root / "shared")
    (disk.root / "shared" / "up").symlink_to(disk.root / "features")

    assert list(disk.load().entities) == ["a"]


def test_what_can_not_be_read_is_told(disk, shown) -> None:
    (disk.root / "features" / "gone.yaml").symlink_to(disk.root / "nowhere.yaml")

    assert disk.screen() == shown("""
        error[FC109] the file can't be read: No such file or directory
          --> features/gone.yaml:1:1
    """)


def test_a_pipe_is_not_waited_for(disk, shown) -> None:
    os.mkfifo(disk.root / "features" / "pipe.yaml")

    assert disk.screen() == shown("""
        error[FC109] the file can't be read: it is no regular file
          --> features/pipe.yaml:1:1
    """)


def test_what_an_unread_file_may_define_is_not_missed(disk) -> None:
    disk.write("features/a.yaml", b"\xff")
    disk.write(
        "features/b.yaml",
        """
        feature_views:
          - {name: spend, entities: [user], source: orders, ttl: 1h, features: {n: int64}}
        """,
    )

    assert [error.code for error in disk.errors()] == ["FC109"]
