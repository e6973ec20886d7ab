"""Work done in a process of its own that may do no more than a plain user."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_CAPABILITIES_V3 = 0x20080522


def as_plain_user(work: Callable[..., Any], *args: Any) -> Any:
    """What ``work`` returns in a process that permissions of files hold for, root or not."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context, initializer=_drop_powers) as pool:
        return pool.submit(work, *args).result()


def _drop_powers() -> None:
    if os.geteuid() != 0:
        return
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_V3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    if ctypes.CDLL(None, use_errno=True).capset(header, nothing):
        raise OSError(ctypes.get_errno(), "capset")
