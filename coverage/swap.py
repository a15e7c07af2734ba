"""Exchanging two folders in one step, so that whoever looks sees the old one or the new one, whole."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # Linux, renameat2(2)
_RENAME_SWAP = 2  # macOS, renamex_np(2)


def exchange(first: Path, second: Path) -> bool:
    """Let two folders on one disk change places, even if the machine stops in the middle.

    Returns
    -------
    bool
        False where the system or the disk cannot: then nothing was done.
    """
    one, other = os.fsencode(first), os.fsencode(second)
    try:
        libc = ctypes.CDLL(None)
        if sys.platform == "linux":
            return int(libc.renameat2(_AT_FDCWD, one, _AT_FDCWD, other, _RENAME_EXCHANGE)) == 0
        if sys.platform == "darwin":
            return int(libc.renamex_np(one, other, _RENAME_SWAP)) == 0
    except (AttributeError, OSError, TypeError):
        return False
    return False
