"""URLs of stores as people may see them: without their password."""

from __future__ import annotations

import re

# One slash, or none, is a typing error: what stands in the password's place is masked all the same.
_PASSWORD = re.compile(r"(\b[A-Za-z][A-Za-z0-9+.-]*:/{0,2}[^/@:\s]*):\S*@")
_QUERY = re.compile(r"([?&](?:password|token|secret)=)[^&\s]*", re.IGNORECASE)


def mask_url(text: str) -> str:
    """The text with every password of a URL in it as ``***``.

    >>> mask_url("redis://ada:s3cret@db:6379/0")
    'redis://ada:***@db:6379/0'
    """
    return _QUERY.sub(r"\1***", _PASSWORD.sub(r"\1:***@", text))
