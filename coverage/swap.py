"""Making files and folders beside their place and moving them there, so that whoever looks sees them whole."""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # Linux, renameat2(2)
_RENAME_SWAP = 2  # macOS, renamex_np(2)

_DRAFT = ".jangkau-draft"
#: No run works that long on one draft without adding to it.
_ABANDONED_S = 86_400.0


def draft_folder(target: Path) -> Path:
    """A new, empty, hidden folder on the disk of ``target``, to be filled and moved to its place.

    What runs that were killed left beside the target is removed once it is a day old.

    Raises
    ------
    OSError
        Where nothing can be written beside the target.
    """
    _clear(target)
    return Path(tempfile.mkdtemp(prefix=f".{target.name}-", suffix=_DRAFT, dir=target.parent))


def draft_file(target: Path) -> Path:
    """The same as :func:`draft_folder` for a file; only its owner may read it."""
    _clear(target)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", suffix=_DRAFT, dir=target.parent)
    os.close(handle)
    return Path(name)


def _clear(target: Path) -> None:
    oldest = time.time() - _ABANDONED_S
    for path in target.parent.glob(f".*{_DRAFT}"):
        with suppress(OSError):  # somebody else clears it too, or owns it
            if path.name.startswith(f".{target.name}-") and path.lstat().st_mtime < oldest:
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()


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
