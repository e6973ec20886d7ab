"""What a store holds beside rows: the stamp of a generation, and which manifest is the newer."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from featurectl.definitions.manifest import read_manifest
from featurectl.errors import StoreError
from featurectl.online.protocol import Stamp

if TYPE_CHECKING:
    from featurectl.definitions.manifest import Manifest


def stamp_text(stamp: Stamp) -> bytes:
    """The stored form of a stamp.

    >>> stamp_text(Stamp(7, None, 3))
    b'{"run":7,"watermark_us":null,"keys":3}'
    """
    document = {"run": stamp.run, "watermark_us": stamp.watermark_us, "keys": stamp.keys}
    return json.dumps(document, separators=(",", ":")).encode()


def read_stamp(text: bytes) -> Stamp:
    """The stamp of its stored form."""
    document = json.loads(text)
    return Stamp(document["run"], document["watermark_us"], document["keys"])


def is_newer(stored: str, offered: str) -> bool:
    """Whether the stored manifest's version is of the same lineage and a greater revision.

    >>> is_newer("a1:10", "a1:9"), is_newer("a1:9", "a1:9"), is_newer("b2:10", "a1:9")
    (True, False, False)
    """
    lineage, _, revision = stored.rpartition(":")
    offered_lineage, _, offered_revision = offered.rpartition(":")
    return lineage == offered_lineage and int(revision) > int(offered_revision)


def read_stored_manifest(text: bytes, where: str) -> Manifest:
    """The manifest of its stored form; ``where`` is the store, as people may see it.

    Raises:
        StoreError: FC604 it is damaged, or of a newer format.
    """
    try:
        return read_manifest(text)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(
            "FC604",
            f"the manifest in the online store {where} can't be read: {error}",
            help=["update featurectl", "or replace it: featurectl apply --allow breaking"],
        ) from error
