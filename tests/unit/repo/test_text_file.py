from featurectl.repo.text_file import TextFile


def test_a_tab_is_one_character_wide() -> None:
    place = TextFile("a.yaml", "a:\tb c\n").location(1, 6, 1)

    assert place.excerpt == ((1, "a: b c"),)
    assert place.column == 6


def test_a_password_is_masked_in_the_excerpt() -> None:
    file = TextFile("a.yaml", "x: 'redis://ada:s3cret@db' # y\nonline: redis://:s3cret@db z\n")

    place = file.location(2, 9, 18)

    assert place.excerpt == ((1, "x: 'redis://ada:***@db' # y"), (2, "online: redis://:***@db z"))
    assert place.excerpt[1][1][place.column - 1 :][: place.length] == "redis://:***@db"


def test_behind_a_masked_password_the_column_is_still_that_of_the_file() -> None:
    place = TextFile("a.yaml", "{a: redis://:s3cret@db, b: c}\n").location(1, 25, 1)

    assert (place.column, place.length, place.excerpt) == (25, 1, ())


def test_a_long_line_is_cut() -> None:
    file = TextFile("a.yaml", f"a: {'x' * 10_000}\n")

    near, far = file.location(1, 4, 10_000), file.location(1, 5_000)

    assert len(near.excerpt[0][1]) == 240
    assert near.column + near.length == 242
    assert far.excerpt == ()


def test_a_blank_line_before_is_left_out() -> None:
    assert TextFile("a.yaml", "a: 1\n  \nb: 2\n").location(3, 1).excerpt == ((3, "b: 2"),)


def test_what_a_terminal_would_obey_is_not_shown() -> None:
    assert TextFile("a.py", "x = '\x1b[31m'\n").location(1, 1).excerpt == ((1, "x = '\ufffd[31m'"),)
