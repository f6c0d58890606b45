"""Files that are there whole, or not at all."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Iterable
from typing import Any

Path = str | os.PathLike[str]


def path_of(name: str, path: Path) -> str:
    """`path` as a string, with nothing added."""
    if not isinstance(path, str | os.PathLike):
        raise TypeError(
            f"{name}: expected a path, but got {type(path).__name__} {path!r:.40}. Write 'model.safetensors'."
        )
    return os.fsdecode(path)


def write(path: str, parts: Iterable[Any]) -> None:
    """Write `parts` as the file `path`: beside it at first, then in its place, in one step that cannot half happen.

    Whoever reads finds the old file or the new one, also after a crash. A file that was there lends its mode, and a
    link stays a link.
    """
    target = os.path.realpath(path)
    mode = _mode(path, target)
    beside = f"{target}.{secrets.token_hex(8)}.tmp"
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"save: expected a folder that exists, but got {path!r}: there is no {os.path.dirname(target)!r}. "
            f"Make it: os.makedirs(folder)."
        ) from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())  # on the disk, before anything has its name
        if mode is not None:
            os.chmod(beside, mode)
        os.replace(beside, target)
    except BaseException:
        os.unlink(beside)
        raise
    _sync_folder(os.path.dirname(target))


def _mode(path: str, target: str) -> int | None:
    """The permissions of the file that is there; None if none is."""
    try:
        found = os.stat(target).st_mode
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found):
        raise OSError(
            f"save: expected the path of a file, but got {path!r}, which is none. Name a file in it: 'folder/name'."
        )
    return stat.S_IMODE(found)


def _sync_folder(folder: str) -> None:
    """Have the new name on the disk too, where the system can do that."""
    if hasattr(os, "O_DIRECTORY"):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
