import pytest

from featurectl.definitions.url import mask_url


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("redis://:s3cret@db:6379/0", "redis://:***@db:6379/0"),
        ("redis://ada:p@ss/w:rd@db/0", "redis://ada:***@db/0"),
        ("rediss://db:6380/1?password=s3cret&ssl=1", "rediss://db:6380/1?password=***&ssl=1"),
        (
            "can't reach redis://ada:s3cret@db/0: refused",
            "can't reach redis://ada:***@db/0: refused",
        ),
        ("redis:/ada:s3cret@db", "redis:/ada:***@db"),
        ("redis:ada:s3cret@db", "redis:ada:***@db"),
        (".featurectl/online.db", ".featurectl/online.db"),
        ("owner: ada@example.com", "owner: ada@example.com"),
        ("redis://db:6379/0", "redis://db:6379/0"),
    ],
)
def test_a_password_is_never_shown(text: str, shown: str) -> None:
    assert mask_url(text) == shown
